/* How the player looks. */
#include "game.h"

#define REST 0x80
#define RUNS 0x480
#define BRINK_REACH 6

static u8 over_the_edge(void)
{
    s16 side = player.status & FACING_LEFT ? -BRINK_REACH : BRINK_REACH, x = player.x + side, ground = ground_at(x);
    s16 feet = player.y + FEET;
    if (standing_on == ON_SLAB)
        return slab_below(x, feet, feet) == PIT;
    return standing_on == ON_GROUND && (ground == PIT || ground > feet + 24);
}

static u8 standing_pose(void)
{
    if (held(PAD_UP))
        return POSE_LOOK_UP;
    if (over_the_edge())
        return POSE_BRINK;
    return (clock & 0x7F) < 6 ? POSE_BLINK : POSE_STAND;
}

/* Around a loop by eighths; the steepest slopes turn him by one. */
static u8 turned(u8 phase)
{
    u8 eighth = ((u8)(player.angle + 16)) >> 5;
    if (!in_loop)
        eighth = slope_at(player.x) <= -8 ? 1 : 7;
    if (player.status & FACING_LEFT) /* the picture is mirrored, and so is the turn */
        eighth = (8 - eighth) & 7;
    return eighth ? POSE_TURN_1_1 + ((eighth - 1) << 1) + (phase & 1) : POSE_RUN_1 + (phase & 3);
}

static u8 moving_pose(s16 speed)
{
    u8 phase = speed > RUNS ? clock >> 1 : clock >> 2, steep = slope_at(player.x) & 8 && standing_on == ON_GROUND;
    if (in_loop || steep)
        return turned(phase);
    if ((player.inertia > 0 && held(PAD_LEFT)) || (player.inertia < 0 && held(PAD_RIGHT)))
        return POSE_SKID;
    if (speed > RUNS)
        return POSE_RUN_1 + (phase & 3);
    return POSE_WALK_1 + ((clock >> 3) & 3);
}

static u8 pose(void)
{
    s16 speed = player.inertia < 0 ? -player.inertia : player.inertia;
    if (player.routine == ROUTINE_DEAD)
        return POSE_DEAD;
    if (player.routine == ROUTINE_HURT)
        return POSE_HURT;
    if (player.spindash_flag)
        return clock & 2 ? POSE_CHARGE_1 : POSE_CHARGE_2;
    if (player.status & ROLLING)
        return POSE_BALL_1 + ((speed > 0x400 ? clock >> 1 : clock >> 2) & 3);
    if (player.status & AIRBORNE)
        return POSE_FALL;
    if (held(PAD_DOWN) && !in_loop)
        return POSE_CROUCH;
    if (pushing)
        return clock & 16 ? POSE_PUSH_1 : POSE_PUSH_2;
    return speed < REST && !in_loop ? standing_pose() : moving_pose(speed);
}

void draw_player(void)
{
    s16 x = player.x - screen_x - 16, y = player.y - screen_y - 12;
    u16 flip = player.status & FACING_LEFT ? FLIP_X : 0;
    if (in_loop) { /* the picture's middle lies 4 pixels nearer to his feet than his own */
        x += sines[player.angle] >> 6;
        y += (sines[(u8)(player.angle + 64)] >> 6) - 4;
    }
    if (player.spindash_flag && revs) {
        s16 behind = player.status & FACING_LEFT ? 26 : -26;
        show_dust(revs - 1, (clock >> 2) & 1);
        add_sprite(x + behind, y, SIZE(4, 4), TILE_DUST | flip | PALETTE(0) | PRIORITY);
    }
    if (invincible_frames && (clock & 4) && player.routine != ROUTINE_DEAD)
        return;
    show_pose(pose());
    add_sprite(x, y, SIZE(4, 4), TILE_HERO | flip | PALETTE(0) | PRIORITY);
}
