/* Rings, spikes, springs, enemies, platforms, breakable walls, the goal. All lie in the level, sorted by x; what changes
   during play (gone, how far moved) is kept here, one record for each. */
#include "game.h"

#define MOST_THINGS 400
#define WALL_WIDTH 32
#define WALL_HEIGHT 128
#define BREAK_SPEED 0x700
#define PIECES 8
#define NEAR 224 /* things further from the middle of the picture sleep */

typedef struct {
    u8 gone;
    u8 timer;
} State;

typedef struct {
    s16 x, y, x_vel, y_vel;
    u16 tile;
    u8 left;
} Piece;

u8 standing_on; /* number of the moving platform, relative to first_near, 0xFF for none */
static u16 standing_index;
static State states[MOST_THINGS];
static Piece pieces[PIECES];
static u16 first_near;
static u16 clock; /* frames since the act began: everything that moves by itself follows it */

void start_things(void)
{
    u16 i;
    for (i = 0; i < MOST_THINGS; i++)
        states[i].gone = states[i].timer = 0;
    for (i = 0; i < PIECES; i++)
        pieces[i].left = 0;
    first_near = 0;
    clock = 0;
    standing_on = 0xFF;
}

/* A triangle wave from -range to range; `shift` slows it. */
static s16 sway(u16 time, u8 range, u8 shift)
{
    u16 period = (u16)range << 2, phase = time >> shift;
    while (phase >= period)
        phase -= period;
    if (phase < range)
        return phase;
    if (phase < 3 * (u16)range)
        return 2 * (s16)range - (s16)phase;
    return (s16)phase - (s16)period;
}

static s16 platform_x(const Thing *thing)
{
    return thing->x + (thing->option & 1 ? sway(clock & 0x1FF, 64, 1) : 0);
}

static s16 platform_y(const Thing *thing)
{
    return thing->y + (thing->option & 2 ? sway(clock & 0x1FF, 32, 2) : 0);
}

static void throw_pieces(s16 x, s16 y, u16 tile, s16 speed)
{
    u16 i;
    for (i = 0; i < PIECES; i++) {
        pieces[i].x = x + ((i & 1) << 4);
        pieces[i].y = y + ((i >> 1) << 5);
        pieces[i].x_vel = speed + ((i & 1) ? 0x180 : 0x80);
        pieces[i].y_vel = -0x500 + ((s16)i << 6);
        pieces[i].tile = tile;
        pieces[i].left = 40;
    }
}

static void move_pieces(void)
{
    u16 i;
    for (i = 0; i < PIECES; i++) {
        Piece *p = &pieces[i];
        if (!p->left)
            continue;
        p->left--;
        p->x += p->x_vel >> 8;
        p->y += p->y_vel >> 8;
        p->y_vel += 0x38;
        add_sprite(p->x - screen_x, p->y - screen_y, SIZE(2, 2), p->tile);
    }
}

s16 wall_before(s16 from, s16 to, s16 feet, s16 speed, u8 ball)
{
    u16 i;
    s16 low = from < to ? from : to, high = from < to ? to : from;
    for (i = first_near; i < level->thing_count && (s16)level->things[i].x < high + 64; i++) {
        const Thing *t = &level->things[i];
        if (t->kind != THING_WALL || states[i].gone)
            continue;
        if (high < (s16)t->x || low >= (s16)t->x + WALL_WIDTH || feet <= (s16)t->y - WALL_HEIGHT)
            continue;
        if (ball && (speed >= BREAK_SPEED || speed <= -BREAK_SPEED)) {
            states[i].gone = 1;
            score += 100;
            throw_pieces(t->x, t->y - WALL_HEIGHT, TILE_CRACK | PALETTE(1), speed >> 2);
            play_sound(SOUND_BREAK);
            continue;
        }
        return to >= from ? (s16)t->x : (s16)t->x + WALL_WIDTH - 1;
    }
    return -1;
}

s16 platform_below(s16 x, s16 feet_before, s16 feet)
{
    u16 i;
    for (i = first_near; i < level->thing_count && (s16)level->things[i].x < x + 160; i++) {
        const Thing *t = &level->things[i];
        s16 px, py;
        if (t->kind != THING_PLATFORM)
            continue;
        px = platform_x(t);
        py = platform_y(t);
        if (x < px - 36 || x >= px + 36 || feet_before > py + 10 || feet < py)
            continue;
        standing_on = 1;
        standing_index = i;
        return py;
    }
    return PIT;
}

s16 platform_drift(void)
{
    const Thing *t = &level->things[standing_index];
    s16 now;
    if (!(t->option & 1))
        return 0;
    now = sway(clock & 0x1FF, 64, 1);
    return now - sway((clock - 1) & 0x1FF, 64, 1);
}

static u8 touches(s16 x, s16 y, s16 width, s16 height)
{
    s16 dx = (s16)player.x - x, dy = (s16)player.y + 4 - y;
    return dx > -width - 8 && dx < width + 8 && dy > -height - 14 && dy < height + 14;
}

static u8 attacking(void)
{
    return (player.status & ROLLING) || player.spindash_flag;
}

static void meet_enemy(u16 i, s16 x, s16 y)
{
    if (player.routine == ROUTINE_DEAD || !touches(x, y, 10, 10))
        return;
    if (attacking()) {
        states[i].gone = 1;
        states[i].timer = 16;
        score += 100;
        play_sound(SOUND_POP);
        if ((player.status & AIRBORNE) && player.y_vel > 0)
            player.y_vel = -player.y_vel;
        return;
    }
    hurt_player((s16)player.x - x);
}

static void run_ring(u16 i, const Thing *t)
{
    u16 turn = (clock >> 3) & 3;
    if (player.routine == ROUTINE_CONTROL && touches(t->x, t->y, 4, 4)) {
        states[i].gone = 1;
        rings++;
        score += 10;
        play_sound(SOUND_RING);
        return;
    }
    add_sprite(t->x - 8 - screen_x, t->y - 8 - screen_y, SIZE(2, 2), (TILE_RING + turn * 4) | PALETTE(1));
}

static void run_spring(u16 i, const Thing *t)
{
    if (states[i].timer)
        states[i].timer--;
    if (player.routine == ROUTINE_CONTROL && player.y_vel >= 0 && touches(t->x, t->y - 8, 8, 4)) {
        player.status |= AIRBORNE;
        player.status &= ~ROLLING;
        player.spindash_flag = 0;
        player.y_vel = -0xA00;
        if (player.x_vel < 0x200)
            player.x_vel = 0x200;
        states[i].timer = 10;
        play_sound(SOUND_SPRING);
    }
    add_sprite(t->x - 16 - screen_x, t->y - (states[i].timer ? 24 : 16) - screen_y, SIZE(4, 2), TILE_SPRING | PALETTE(1));
}

static void run_walker(u16 i, const Thing *t)
{
    u16 time = clock & 0x3FF;
    s16 offset = sway(time, t->option, 1), x = t->x + offset;
    u16 flip = sway((time + 2) & 0x3FF, t->option, 1) > offset ? FLIP_X : 0;
    add_sprite(x - 16 - screen_x, t->y - 24 - screen_y, SIZE(4, 3), (TILE_WALKER + (clock & 8 ? 12 : 0)) | flip | PALETTE(1));
    meet_enemy(i, x, t->y - 12);
}

static void run_hopper(u16 i, const Thing *t)
{
    u16 phase = (clock + t->option) & 63;
    s16 height = phase < 48 ? ((s16)phase * (48 - (s16)phase)) >> 3 : 0;
    u16 tile = TILE_HOPPER + (height > 8 ? 9 : 0);
    add_sprite(t->x - 12 - screen_x, t->y - 24 - height - screen_y, SIZE(3, 3), tile | PALETTE(1));
    meet_enemy(i, t->x, t->y - 12 - height);
}

static void run_wall(const Thing *t)
{
    s16 y;
    for (y = 0; y < WALL_HEIGHT; y += 32)
        add_sprite(t->x - screen_x, t->y - WALL_HEIGHT + y - screen_y, SIZE(4, 4), TILE_WALL | PALETTE(1) | (y & 32 ? FLIP_X : 0));
}

static void run_goal(u16 i, const Thing *t)
{
    u8 turning = level_end_bonus && states[i].timer < 60;
    if (!level_end_bonus && player.routine == ROUTINE_CONTROL && player.x >= t->x) {
        level_end_bonus = 1;
        play_sound(SOUND_GOAL);
    }
    if (turning)
        states[i].timer++;
    add_sprite(t->x - 16 - screen_x, t->y - 64 - screen_y, SIZE(4, 4),
               (level_end_bonus && !(turning && (states[i].timer & 4)) ? TILE_GOAL_DONE : TILE_GOAL) | PALETTE(1));
    add_sprite(t->x - 4 - screen_x, t->y - 32 - screen_y, SIZE(1, 4), TILE_POLE | PALETTE(1));
}

static void run_thing(u16 i, const Thing *t)
{
    switch (t->kind) {
    case THING_RING:
        run_ring(i, t);
        break;
    case THING_SPIKES:
        if (!(player.status & AIRBORNE && player.y_vel < 0) && player.routine != ROUTINE_DEAD && touches(t->x, t->y - 6, 10, 4))
            hurt_player((s16)player.x - (s16)t->x);
        add_sprite(t->x - 16 - screen_x, t->y - 16 - screen_y, SIZE(4, 2), TILE_SPIKES | PALETTE(1));
        break;
    case THING_SPRING:
        run_spring(i, t);
        break;
    case THING_WALKER:
        run_walker(i, t);
        break;
    case THING_HOPPER:
        run_hopper(i, t);
        break;
    case THING_PLATFORM:
        add_sprite(platform_x(t) - 32 - screen_x, platform_y(t) - screen_y, SIZE(4, 2), TILE_PLATFORM | PALETTE(1));
        add_sprite(platform_x(t) - screen_x, platform_y(t) - screen_y, SIZE(4, 2), TILE_PLATFORM | FLIP_X | PALETTE(1));
        break;
    case THING_WALL:
        run_wall(t);
        break;
    case THING_GOAL:
        run_goal(i, t);
        break;
    }
}

void move_things(void)
{
    u16 i;
    s16 left = screen_x - NEAR, right = screen_x + 320 + 96;
    clock++;
    while (first_near < level->thing_count && (s16)level->things[first_near].x < left)
        first_near++;
    while (first_near > 0 && (s16)level->things[first_near - 1].x >= left)
        first_near--;
    for (i = first_near; i < level->thing_count && (s16)level->things[i].x < right; i++) {
        const Thing *t = &level->things[i];
        if (!states[i].gone) {
            run_thing(i, t);
        } else if (states[i].timer) {
            states[i].timer--;
            add_sprite(t->x - 8 - screen_x, t->y - 24 - screen_y, SIZE(2, 2), TILE_PUFF | PALETTE(1));
        }
    }
    move_pieces();
}
