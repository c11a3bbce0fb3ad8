/* Loops: the player's middle runs around a circle; too slow at the top he falls, too slow before it he slides back. The
   far side is a wall until he has been around. */
#include "game.h"

#define RADIUS 61           /* of the middle's path: the track's 80 less FEET */
#define TRACK 80
#define HEIGHT 172
#define TURN_A_PIXEL 171    /* 65536 / (2 pi RADIUS) */
#define PULL 0x2C           /* 0.17: gravity along the track; running at 5 pixels a frame takes him around */
#define HOLD 0x100          /* slower than this, feet lose the upper half */
#define JUMP 0x680

u8 in_loop;
u16 loop_turn;
static u16 loop_x, loop_y;  /* its middle */
static u16 passed_x;        /* the loop last run through */

void start_loops(void)
{
    in_loop = 0;
    passed_x = 0;
}

static const Scenery *loop_near(s16 x)
{
    const Scenery *s = level->scenery, *end = s + level->scenery_count;
    for (; s < end && (s16)s->left <= x; s++)
        if (s->kind == SCENERY_LOOP && x < (s16)s->right)
            return s;
    return 0;
}

static u16 middle(const Scenery *s)
{
    return (s->left + s->right) >> 1;
}

u8 enter_loop(s16 before)
{
    const Scenery *s = loop_near(player.x);
    u16 x;
    if (!s || standing_on != ON_GROUND || player.inertia <= 0)
        return 0;
    x = middle(s);
    if (x == passed_x || before >= (s16)x || player.x < x)
        return 0;
    in_loop = 1;
    loop_turn = 0;
    loop_x = x;
    loop_y = s->y - TRACK;
    return 1;
}

static void leave_loop(void)
{
    in_loop = 0;
    player.x = loop_x;
    player.y = loop_y + RADIUS;
    player.x_fraction = player.y_fraction = 0;
}

/* Off the track, along it, and `push` towards the middle. */
static void fall_off(s16 sine, s16 cosine, s16 push)
{
    in_loop = 0;
    player.status |= AIRBORNE;
    player.x_vel = ((s32)player.inertia * cosine - (s32)push * sine) >> 8;
    player.y_vel = (-(s32)player.inertia * sine - (s32)push * cosine) >> 8;
}

void run_loop(u8 jumps)
{
    s16 sine, cosine;
    u8 angle;
    u16 before = loop_turn;
    s16 step = ((s32)player.inertia * TURN_A_PIXEL) >> 8;
    loop_turn += step;
    if ((step > 0 && loop_turn < before) || (step < 0 && loop_turn > before)) { /* once around, or back out */
        leave_loop();
        if (step > 0)
            passed_x = loop_x;
        return;
    }
    angle = loop_turn >> 8;
    sine = sines[angle];
    cosine = sines[(u8)(angle + 64)];
    player.x = loop_x + ((RADIUS * sine) >> 8);
    player.y = loop_y + ((RADIUS * cosine) >> 8);
    player.angle = angle;
    player.inertia -= (PULL * sine) >> 8;
    player.x_vel = ((s32)player.inertia * cosine) >> 8;
    player.y_vel = (-(s32)player.inertia * sine) >> 8;
    if (jumps) {
        player.status |= ROLLING;
        play_sound(SOUND_JUMP);
        fall_off(sine, cosine, JUMP);
    } else if (cosine < 0 && player.inertia < HOLD && player.inertia > -HOLD) {
        fall_off(sine, cosine, 0);
    }
}

s16 loop_wall(s16 from, s16 to, s16 feet)
{
    const Scenery *s = loop_near(to);
    u16 x;
    s16 wall;
    if (!s)
        return -1;
    x = middle(s);
    if (passed_x != x || to < (s16)x - TRACK) /* left again: to be run anew */
        passed_x = 0;
    wall = x + TRACK;
    if (x == passed_x || from > wall || to < wall || feet < s->y - HEIGHT)
        return -1;
    return wall;
}
