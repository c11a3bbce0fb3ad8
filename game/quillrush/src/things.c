/* All that stands in the level, sorted by x; what changes during play (gone, how far moved) is kept here, one record for
   each. Rings, posts and the goal are here; the rest in gates.c, carriers.c and hazards.c. */
#include "things.h"

#define NEAR 224 /* things further from the middle of the picture sleep */

u16 clock;
u16 post_x, post_y;
u8 post_minutes, post_seconds;
State states[MOST_THINGS];
u16 first_near;

void start_things(u16 x)
{
    u16 i;
    for (i = 0; i < MOST_THINGS; i++) {
        states[i].gone = states[i].timer = 0;
        states[i].offset = 0;
    }
    start_pieces();
    for (i = 0; i < SWITCHES; i++)
        switches[i] = 0;
    /* of a life that begins at a post, the doors behind it stay open */
    for (i = 0; i < level->thing_count && level->things[i].x < x; i++)
        if (level->things[i].kind == THING_LEVER)
            switches[LEVER_SWITCH(level->things[i].option)] = 1;
    first_near = 0;
    clock = 0;
}

/* A triangle wave from -range to range; `shift` slows it. */
s16 sway(u16 time, u8 range, u8 shift)
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

u8 touches(s16 x, s16 y, s16 width, s16 height)
{
    s16 dx = (s16)player.x - x, dy = (s16)player.y + 4 - y;
    return dx > -width - 8 && dx < width + 8 && dy > -height - 14 && dy < height + 14;
}

static void run_ring(u16 i, const Thing *t)
{
    u16 turn = (clock >> 3) & 3;
    if (player.routine == ROUTINE_CONTROL && touches(t->x, t->y, 4, 4)) {
        states[i].gone = 2;
        states[i].timer = 12;
        rings++;
        score += 10;
        play_sound(SOUND_RING);
        return;
    }
    add_sprite(t->x - 8 - screen_x, t->y - 8 - screen_y, SIZE(2, 2), (TILE_RING + turn * 4) | PALETTE(1));
}

static void run_post(u16 i, const Thing *t)
{
    if (!states[i].offset && (t->x < post_x || (player.routine == ROUTINE_CONTROL && touches(t->x, t->y - 24, 4, 24)))) {
        if (t->x >= post_x) {
            post_x = t->x;
            post_y = t->y;
            post_minutes = minutes;
            post_seconds = seconds;
            play_sound(SOUND_POST);
        }
        states[i].offset = 1;
    }
    if (t->x == post_x)
        states[i].offset = 1;
    add_sprite(t->x - 8 - screen_x, t->y - 60 - screen_y, SIZE(2, 2),
               (TILE_LAMP + (states[i].offset ? (clock & 8 ? 4 : 8) : 0)) | PALETTE(1));
    add_sprite(t->x - 4 - screen_x, t->y - 48 - screen_y, SIZE(1, 4), TILE_POST | PALETTE(1));
    add_sprite(t->x - 4 - screen_x, t->y - 16 - screen_y, SIZE(1, 2), (TILE_POST + 4) | PALETTE(1));
}

static void run_goal(u16 i, const Thing *t)
{
    u8 turning = level_end_bonus && states[i].timer < 60;
    if (!level_end_bonus && player.routine == ROUTINE_CONTROL && player.x >= t->x) {
        level_end_bonus = 1;
        start_tally();
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
    case THING_RING: run_ring(i, t); break;
    case THING_SPIKES: run_spikes(t); break;
    case THING_SPRING: run_spring(i, t); break;
    case THING_WALKER: run_walker(i, t); break;
    case THING_HOPPER: run_hopper(i, t); break;
    case THING_PLATFORM: run_platform(i, t); break;
    case THING_WALL: run_wall(t); break;
    case THING_GOAL: run_goal(i, t); break;
    case THING_POST: run_post(i, t); break;
    case THING_DOOR: run_door(i, t); break;
    case THING_ARCH: run_arch(t); break;
    case THING_LEVER: run_lever(t); break;
    case THING_LIFT: run_lift(i, t); break;
    case THING_FLYER: run_flyer(i, t); break;
    case THING_LEAPER: run_leaper(i, t); break;
    case THING_ROLLER: run_roller(i, t); break;
    case THING_JET: run_jet(t); break;
    case THING_BUMPER: run_bumper(i, t); break;
    case THING_CRUSHER: run_crusher(t); break;
    case THING_MUSHROOM: run_mushroom(i, t); break;
    }
}

/* What is left for a moment of a beaten enemy, or of a ring taken. */
static void run_remains(u16 i, const Thing *t)
{
    u16 tile = states[i].gone == 1 ? TILE_PUFF : TILE_SPARKLE + (states[i].timer & 4 ? 4 : 0);
    s16 y = states[i].gone == 1 ? t->y - 24 : t->y - 8;
    states[i].timer--;
    add_sprite(t->x - 8 - screen_x, y - screen_y, SIZE(2, 2), tile | PALETTE(1));
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
        if (!states[i].gone || t->kind == THING_DOOR)
            run_thing(i, t);
        else if (states[i].timer)
            run_remains(i, t);
    }
    move_scatter();
    move_pieces();
}
