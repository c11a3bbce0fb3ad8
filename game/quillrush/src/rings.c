/* The rings that a hit scatters: up to 32 fly out, fall, bounce, blink and are gone; until then they can be caught again. */
#include "game.h"

#define MOST_SCATTERED 32
#define LASTS 255
#define CATCHABLE 200   /* once so many frames are left */
#define BLINKS 64
#define GRAVITY 0x18

typedef struct {
    s32 x, y; /* 16.16; x 0 for one that was caught */
    s16 x_vel, y_vel;
} Ring;

static Ring scattered[MOST_SCATTERED];
static u8 count, left;

void start_scatter(void)
{
    count = left = 0;
}

/* Throw out the rings held, in two circles, the inner one half as fast. */
void scatter_rings(void)
{
    u16 i;
    count = rings > MOST_SCATTERED ? MOST_SCATTERED : rings;
    rings = 0;
    left = LASTS;
    for (i = 0; i < count; i++) {
        Ring *r = &scattered[i];
        u8 angle = (((i >> 1) & 7) << 4) + 8; /* the upper half turn, mirrored by turns */
        s16 speed = i < 16 ? 2 : 1;           /* shifts: 4 and 2 pixels a frame */
        r->x = (s32)player.x << 16;
        r->y = (s32)player.y << 16;
        r->x_vel = sines[(u8)(angle + 64)] << speed;
        r->y_vel = -(sines[angle] << speed);
        if (i & 1)
            r->x_vel = -r->x_vel;
    }
    play_sound(SOUND_SCATTER);
}

static void move_ring(Ring *r)
{
    s16 ground, y;
    r->x += (s32)r->x_vel << 8;
    r->y += (s32)r->y_vel << 8;
    r->y_vel += GRAVITY;
    if (r->y_vel < 0)
        return;
    y = r->y >> 16;
    ground = ground_at(r->x >> 16);
    if (ground != PIT && y + 8 >= ground && y - 16 < ground) {
        r->y = (s32)(ground - 8) << 16;
        r->y_vel = (r->y_vel >> 2) - r->y_vel;
    }
}

void move_scatter(void)
{
    u16 i, tile = (TILE_RING + ((clock >> 2) & 3) * 4) | PALETTE(1);
    if (!left)
        return;
    left--;
    for (i = 0; i < count; i++) {
        Ring *r = &scattered[i];
        s16 x, y;
        if (!r->x)
            continue;
        move_ring(r);
        x = r->x >> 16;
        y = r->y >> 16;
        if (left < CATCHABLE && player.routine == ROUTINE_CONTROL && touches(x, y, 4, 4)) {
            r->x = 0;
            rings++;
            play_sound(SOUND_RING);
        } else if (left > BLINKS || (left & 2)) {
            add_sprite(x - 8 - screen_x, y - 8 - screen_y, SIZE(2, 2), tile);
        }
    }
}
