/* The player: the published physics of the Mega Drive platformers, in 8.8 fixed point. */
#include "game.h"

#define ACCELERATION 0x0C
#define DECELERATION 0x80
#define TOP_SPEED 0x600
#define AIR_ACCELERATION 0x18
#define GRAVITY 0x38
#define JUMP 0x680
#define JUMP_CUT 0x400
#define ROLL_FRICTION 0x06
#define ROLL_DECELERATION 0x20
#define SPEED_CAP 0x1000
#define REST 0x80
#define ROLL_START 0x100
#define REACH 10 /* half the player's width */

u8 invincible_frames;
u16 death_timer;
static u8 jump_can_be_cut;
static u8 pushing;

/* Slopes a column can have, as (rise over 8 pixels, sine, cosine in 8.8, angle byte). */
typedef struct {
    s16 rise, sine, cosine;
    u8 angle;
} Slope;

static const Slope slopes[] = {
    {0, 0, 256, 0x00},     {2, 62, 248, 0x0A},   {4, 114, 229, 0x13},   {8, 181, 181, 0x20},  {16, 229, 114, 0x2D},
    {-2, -62, 248, 0xF6},  {-4, -114, 229, 0xED}, {-8, -181, 181, 0xE0}, {-16, -229, 114, 0xD3},
};

static const Slope *slope_of(s16 x)
{
    s16 rise = slope_at(x);
    u16 i;
    for (i = 0; i < sizeof slopes / sizeof *slopes; i++)
        if (slopes[i].rise == rise)
            return &slopes[i];
    return slopes;
}

static s16 times(s16 a, s16 b)
{
    return ((s32)a * b) >> 8;
}

static s16 towards_zero(s16 value, s16 by)
{
    if (value > by)
        return value - by;
    if (value < -by)
        return value + by;
    return 0;
}

static s16 bounded(s16 value, s16 most)
{
    return value > most ? most : value < -most ? -most : value;
}

static u8 held(u8 button)
{
    u8 sideways = pad_held & (PAD_LEFT | PAD_RIGHT);
    if (player.routine != ROUTINE_CONTROL || level_end_bonus)
        return 0;
    if (sideways == (PAD_LEFT | PAD_RIGHT) && (button & sideways))
        return 0;
    return pad_held & button;
}

static u8 jump_pressed(void)
{
    return player.routine == ROUTINE_CONTROL && !level_end_bonus && (pad_pressed & PAD_JUMP);
}

void start_player(u16 x, u16 y)
{
    u16 i;
    for (i = 0; i < 0x40; i++)
        ((u8 *)&player)[i] = 0;
    player.x = x;
    player.y = y;
    player.routine = ROUTINE_CONTROL;
    invincible_frames = 0;
    death_timer = 0;
    standing_on = 0xFF;
}

void kill_player(void)
{
    if (player.routine == ROUTINE_DEAD)
        return;
    player.routine = ROUTINE_DEAD;
    player.status = AIRBORNE;
    player.spindash_flag = 0;
    player.x_vel = 0;
    player.y_vel = -0x700;
    death_timer = 1;
    play_sound(SOUND_HURT);
}

void hurt_player(s16 away)
{
    if (invincible_frames || player.routine != ROUTINE_CONTROL || level_end_bonus)
        return;
    if (rings == 0) {
        kill_player();
        return;
    }
    rings = 0;
    player.routine = ROUTINE_HURT;
    player.status = (player.status & FACING_LEFT) | AIRBORNE;
    player.spindash_flag = 0;
    player.x_vel = away < 0 ? -0x200 : 0x200;
    player.y_vel = -0x400;
    invincible_frames = 120;
    play_sound(SOUND_HURT);
}

static void become_airborne(void)
{
    player.status |= AIRBORNE;
    player.spindash_flag = 0;
    standing_on = 0xFF;
}

static void jump(const Slope *slope)
{
    become_airborne();
    player.status |= ROLLING;
    player.x_vel += times(JUMP, slope->sine);
    player.y_vel -= times(JUMP, slope->cosine);
    jump_can_be_cut = 1;
    play_sound(SOUND_JUMP);
}

/* Crouching at rest: presses rev the dash, letting DOWN go launches it. Returns whether it has taken over. */
static u8 spin_dash(void)
{
    if (!player.spindash_flag) {
        if (!held(PAD_DOWN) || (player.status & ROLLING) || bounded(player.inertia, REST) != player.inertia || !jump_pressed())
            return 0;
        player.spindash_flag = 1;
        player.spindash_counter = 0;
        player.inertia = 0;
    }
    if (!held(PAD_DOWN)) {
        s16 speed = 0x800 + ((player.spindash_counter & 0xFF00) >> 1);
        player.inertia = player.status & FACING_LEFT ? -speed : speed;
        player.status |= ROLLING;
        player.spindash_flag = 0;
        player.spindash_counter = 0;
        play_sound(SOUND_DASH);
        return 0;
    }
    if (jump_pressed()) {
        player.spindash_counter += 0x200;
        if (player.spindash_counter > 0x800)
            player.spindash_counter = 0x800;
        play_sound(SOUND_REV);
    }
    player.spindash_counter -= player.spindash_counter >> 5;
    return 1;
}

static void steer_running(void)
{
    if (held(PAD_LEFT)) {
        player.status |= FACING_LEFT;
        if (player.inertia > 0)
            player.inertia -= DECELERATION;
        else if (player.inertia > -TOP_SPEED)
            player.inertia -= ACCELERATION;
    } else if (held(PAD_RIGHT)) {
        player.status &= ~FACING_LEFT;
        if (player.inertia < 0)
            player.inertia += DECELERATION;
        else if (player.inertia < TOP_SPEED)
            player.inertia += ACCELERATION;
    } else {
        player.inertia = towards_zero(player.inertia, ACCELERATION);
    }
}

static void steer_rolling(void)
{
    player.inertia = towards_zero(player.inertia, ROLL_FRICTION);
    if ((held(PAD_LEFT) && player.inertia > 0) || (held(PAD_RIGHT) && player.inertia < 0))
        player.inertia = towards_zero(player.inertia, ROLL_DECELERATION);
    if (bounded(player.inertia, REST) == player.inertia && slope_at(player.x) == 0)
        player.status &= ~ROLLING;
}

static void pull_of_slope(const Slope *slope)
{
    s16 factor = 0x20; /* running: 0.125 */
    if (player.status & ROLLING)
        factor = (slope->sine > 0) == (player.inertia > 0) ? 0x50 : 0x14;
    if (slope->sine && (player.inertia || slope->rise > 4 || slope->rise < -4))
        player.inertia += times(factor, slope->sine);
    if (is_scree(player.x) && !(player.status & ROLLING) && standing_on == 0xFF)
        player.inertia += slope->sine > 0 ? 0x80 : -0x80; /* loose stones: feet find no hold */
}

static void move_by(s16 x_vel, s16 y_vel)
{
    u32 *x = (u32 *)&player.x, *y = (u32 *)&player.y;
    *x += (s32)x_vel << 8;
    *y += (s32)y_vel << 8;
}

/* Stop at cliffs, standing walls and the ends of the act. `before` is x before the move. */
static void stop_at_walls(s16 before)
{
    s16 feet = player.y + FEET, moved = player.x - before;
    s16 reach = player.x_vel < 0 || moved < 0 ? -REACH : REACH;
    s16 speed = player.status & AIRBORNE ? 0 : player.inertia;
    s16 cliff = cliff_between(before, player.x + reach, feet);
    s16 wall = wall_before(before + reach, player.x + reach, feet, speed, player.status & ROLLING);
    s16 last = (level->column_count << 3) - 24;
    pushing = 0;
    if (wall >= 0 && (cliff < 0 || (reach > 0 ? wall < cliff : wall > cliff)))
        cliff = wall;
    if (cliff >= 0) {
        player.x = cliff - reach;
        if (reach > 0)
            player.x--;
        player.x_fraction = 0;
        player.x_vel = 0;
        player.inertia = 0;
        pushing = 1;
    }
    if ((s16)player.x < 24 || (s16)player.x > last) {
        player.x = (s16)player.x < 24 ? 24 : last;
        player.x_vel = 0;
        player.inertia = 0;
    }
}

static void walk_on_ground(void)
{
    const Slope *slope = standing_on == 0xFF ? slope_of(player.x) : slopes;
    s16 before = player.x, feet, ground;
    if (spin_dash()) {
        player.x_vel = player.y_vel = 0;
        if (standing_on != 0xFF)
            player.x += platform_drift();
        return;
    }
    if (jump_pressed()) {
        jump(slope);
        return;
    }
    pull_of_slope(slope);
    if (player.status & ROLLING) {
        steer_rolling();
    } else {
        if (held(PAD_DOWN) && bounded(player.inertia, ROLL_START) != player.inertia && !is_scree(player.x))
            player.status |= ROLLING;
        else if (held(PAD_DOWN))
            player.inertia = towards_zero(player.inertia, ACCELERATION);
        else
            steer_running();
    }
    player.inertia = bounded(player.inertia, SPEED_CAP);
    player.angle = slope->angle;
    player.x_vel = times(player.inertia, slope->cosine);
    player.y_vel = times(player.inertia, slope->sine);
    if (standing_on != 0xFF)
        player.x += platform_drift();
    move_by(player.x_vel, 0);
    feet = player.y + FEET;
    stop_at_walls(before);
    ground = ground_at(player.x);
    if (standing_on != 0xFF) {
        ground = platform_below(player.x, feet + 8, feet + 8);
        if (ground == PIT) {
            become_airborne();
            return;
        }
    } else if (ground == PIT || ground > feet + 16 + 2 * (player.inertia < 0 ? -player.inertia >> 8 : player.inertia >> 8)) {
        become_airborne(); /* ran off an edge; y_vel keeps the slope's direction */
        return;
    }
    player.y = ground - FEET;
    player.y_fraction = 0;
}

static void land(s16 ground, u8 on_platform)
{
    const Slope *slope = on_platform ? slopes : slope_of(player.x);
    player.y = ground - FEET;
    player.y_fraction = 0;
    player.status &= ~(AIRBORNE | ROLLING);
    player.inertia = bounded(times(player.x_vel, slope->cosine) + times(player.y_vel, slope->sine), SPEED_CAP);
    if (player.routine == ROUTINE_HURT) {
        player.routine = ROUTINE_CONTROL;
        player.inertia = 0;
    }
    if (held(PAD_DOWN) && bounded(player.inertia, ROLL_START) != player.inertia && !is_scree(player.x))
        player.status |= ROLLING;
    jump_can_be_cut = 0;
}

static void fly(void)
{
    s16 before = player.x, feet_before = player.y + FEET, feet, ground, platform;
    if (jump_can_be_cut && player.y_vel < -JUMP_CUT && !(pad_held & PAD_JUMP))
        player.y_vel = -JUMP_CUT;
    if (held(PAD_LEFT)) {
        player.status |= FACING_LEFT;
        if (player.x_vel > -TOP_SPEED)
            player.x_vel -= AIR_ACCELERATION;
    } else if (held(PAD_RIGHT)) {
        player.status &= ~FACING_LEFT;
        if (player.x_vel < TOP_SPEED)
            player.x_vel += AIR_ACCELERATION;
    }
    if (player.y_vel < 0 && player.y_vel > -JUMP_CUT)
        player.x_vel -= player.x_vel >> 5;
    move_by(player.x_vel, player.y_vel);
    player.y_vel = bounded(player.y_vel + GRAVITY, SPEED_CAP);
    if (player.routine == ROUTINE_DEAD)
        return;
    stop_at_walls(before);
    feet = player.y + FEET;
    ground = ground_at(player.x);
    if (player.y_vel < 0) { /* rising: only a slope steeper than the flight is met */
        if (ground != PIT && feet > ground && slope_at(player.x) <= -4)
            land(ground, 0);
        return;
    }
    platform = platform_below(player.x, feet_before, feet);
    if (platform != PIT && (ground == PIT || platform < ground)) {
        land(platform, 1);
    } else if (ground != PIT && feet >= ground) {
        standing_on = 0xFF;
        land(ground, 0);
    }
}

static const u8 run_poses[4] = {POSE_RUN_1, POSE_RUN_2, POSE_RUN_3, POSE_RUN_2};

static u8 pose(void)
{
    s16 speed = player.inertia < 0 ? -player.inertia : player.inertia;
    u8 tick = frames;
    if (player.routine == ROUTINE_DEAD)
        return POSE_DEAD;
    if (player.routine == ROUTINE_HURT)
        return POSE_HURT;
    if (player.spindash_flag)
        return frames & 2 ? POSE_CHARGE_1 : POSE_CHARGE_2;
    if (player.status & ROLLING)
        return (speed > 0x400 ? tick >> 1 : tick >> 2) & 1 ? POSE_BALL_1 : POSE_BALL_2;
    if (player.status & AIRBORNE)
        return POSE_FALL;
    if (held(PAD_DOWN))
        return POSE_CROUCH;
    if (pushing)
        return frames & 16 ? POSE_PUSH_1 : POSE_PUSH_2;
    if (speed < REST)
        return held(PAD_UP) ? POSE_LOOK_UP : POSE_STAND;
    if ((player.inertia > 0 && held(PAD_LEFT)) || (player.inertia < 0 && held(PAD_RIGHT)))
        return POSE_SKID;
    return run_poses[(speed > 0x400 ? tick >> 2 : tick >> 3) & 3];
}

void draw_player(void)
{
    s16 x = player.x - screen_x - 16, y = player.y - screen_y - 12;
    u16 flip = player.status & FACING_LEFT ? FLIP_X : 0;
    if (player.spindash_flag) {
        u16 size = (player.spindash_counter >> 9) > 3 ? 3 : player.spindash_counter >> 9;
        s16 behind = player.status & FACING_LEFT ? 26 : -26;
        show_dust(size);
        add_sprite(x + behind, y, SIZE(4, 4), TILE_DUST | flip | PALETTE(0) | PRIORITY);
    }
    if (invincible_frames && (frames & 4) && player.routine != ROUTINE_DEAD)
        return;
    show_pose(pose());
    add_sprite(x, y, SIZE(4, 4), TILE_HERO | flip | PALETTE(0) | PRIORITY);
}

void move_player(void)
{
    if (invincible_frames)
        invincible_frames--;
    if (player.status & AIRBORNE)
        fly();
    else
        walk_on_ground();
    if (player.y > LEVEL_HEIGHT + 24 && player.y < 0x8000)
        kill_player();
}
