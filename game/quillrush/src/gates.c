/* What blocks: walls that only a spin dash breaks, barriers of light, and the levers that put them out. */
#include "things.h"

#define WALL_WIDTH 32
#define WALL_HEIGHT 128
#define BREAK_SPEED 0x700
#define ARCH_HEIGHT 112
#define ARCH_FEET 68   /* higher feet do not pass below it */
#define DOOR_LIFTED 32 /* frames a door takes to go out */
#define PIECES 8

typedef struct {
    s16 x, y, x_vel, y_vel;
    u16 tile;
    u8 left;
} Piece;

static Piece pieces[PIECES];

void start_pieces(void)
{
    u16 i;
    for (i = 0; i < PIECES; i++)
        pieces[i].left = 0;
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

void move_pieces(void)
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

static void break_wall(u16 i, s16 speed)
{
    const Thing *t = &level->things[i];
    states[i].gone = 1;
    score += 100;
    throw_pieces(t->x, t->y - WALL_HEIGHT, TILE_CRACK | PALETTE(1), speed >> 2);
    play_sound(SOUND_BREAK);
}

s16 wall_before(s16 from, s16 to, s16 feet, s16 speed)
{
    u16 i;
    s16 low = from < to ? from : to, high = from < to ? to : from;
    for (i = first_near; i < level->thing_count && (s16)level->things[i].x < high + 64; i++) {
        const Thing *t = &level->things[i];
        if ((t->kind != THING_WALL && t->kind != THING_DOOR && t->kind != THING_ARCH) || states[i].gone)
            continue;
        if (high < (s16)t->x || low >= (s16)t->x + WALL_WIDTH)
            continue;
        if (t->kind == THING_ARCH && feet >= (s16)t->y - ARCH_FEET)
            continue;
        if (t->kind == THING_WALL) {
            if (feet <= (s16)t->y - WALL_HEIGHT)
                continue;
            if (dashing && (speed >= BREAK_SPEED || speed <= -BREAK_SPEED)) {
                break_wall(i, speed);
                continue;
            }
        }
        return to >= from ? (s16)t->x : (s16)t->x + WALL_WIDTH - 1;
    }
    return -1;
}

void run_wall(const Thing *t)
{
    s16 y;
    for (y = 0; y < WALL_HEIGHT; y += 32)
        add_sprite(t->x - screen_x, t->y - WALL_HEIGHT + y - screen_y, SIZE(4, 4), TILE_WALL | PALETTE(1) | (y & 32 ? FLIP_X : 0));
}

/* A barrier of light up to the sky, until its lever is thrown. */
void run_door(u16 i, const Thing *t)
{
    s16 y = t->y - 16;
    u16 beam = TILE_BEAM + (clock & 4 ? 16 : 0);
    if (switches[t->option] && !states[i].gone && ++states[i].timer >= DOOR_LIFTED)
        states[i].gone = 2;
    add_sprite(t->x - screen_x, y - screen_y, SIZE(4, 2), (states[i].gone ? TILE_BEAM_BASE_OFF : TILE_BEAM_BASE) | PALETTE(1));
    if (states[i].gone || (states[i].timer & 2))
        return;
    for (y -= 32; y > (s16)screen_y - 32; y -= 32)
        add_sprite(t->x - screen_x, y - screen_y, SIZE(4, 4), beam | PALETTE(1));
}

/* A barrier that leaves room below: nobody comes flying. */
void run_arch(const Thing *t)
{
    s16 y = t->y - ARCH_HEIGHT - 16;
    u16 beam = TILE_BEAM + (clock & 4 ? 16 : 0);
    add_sprite(t->x - screen_x, y - screen_y, SIZE(4, 2), TILE_BEAM_BASE | FLIP_Y | PALETTE(1));
    for (y -= 32; y > (s16)screen_y - 32; y -= 32)
        add_sprite(t->x - screen_x, y - screen_y, SIZE(4, 4), beam | PALETTE(1));
}

/* Thrown by whoever passes it to the left; to the right it gives way. */
void run_lever(const Thing *t)
{
    u8 *thrown = (u8 *)&switches[LEVER_SWITCH(t->option)];
    if (!*thrown && player.routine == ROUTINE_CONTROL && player.x_vel < 0 && touches(t->x, t->y - 16, 8, 16)) {
        *thrown = 1;
        play_sound(SOUND_SWITCH);
    }
    add_sprite(t->x - 16 - screen_x, t->y - 32 - screen_y, SIZE(4, 4), (*thrown ? TILE_LEVER_THROWN : TILE_LEVER) | PALETTE(1));
}
