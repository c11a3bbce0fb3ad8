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

#define TAR_SPEED 0x200
#define TAR_DRAG 0x30
#define REV_FADES 40 /* frames without a press, after which the dust is one size smaller */

u8 invincible_frames;
u16 death_timer;
u8 standing_on;
u8 dashing;
u8 revs;
u8 pushing;
static u8 jump_can_be_cut;
static u8 rev_age;

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

u8 held(u8 button)
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
    standing_on = ON_GROUND;
    dashing = revs = 0;
    start_loops();
}

void kill_player(void)
{
    if (player.routine == ROUTINE_DEAD)
        return;
    player.routine = ROUTINE_DEAD;
    player.status = AIRBORNE;
    player.spindash_flag = 0;
    in_loop = dashing = 0;
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
    scatter_rings();
    player.routine = ROUTINE_HURT;
    player.status = (player.status & FACING_LEFT) | AIRBORNE;
    player.spindash_flag = 0;
    player.x_vel = away < 0 ? -0x200 : 0x200;
    player.y_vel = -0x400;
    invincible_frames = 120;
    in_loop = dashing = 0;
}

static void become_airborne(void)
{
    player.status |= AIRBORNE;
    player.spindash_flag = 0;
    standing_on = ON_GROUND;
}

void throw_player(s16 x_vel, s16 y_vel)
{
    become_airborne();
    player.status &= ~ROLLING;
    in_loop = dashing = jump_can_be_cut = 0;
    player.x_vel = x_vel;
    player.y_vel = y_vel;
}

static void jump(const Slope *slope)
{
    become_airborne();
    dashing = 0;
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
        revs = 0;
    }
    if (!held(PAD_DOWN)) {
        s16 speed = 0x800 + ((player.spindash_counter & 0xFF00) >> 1);
        player.inertia = player.status & FACING_LEFT ? -speed : speed;
        player.status |= ROLLING;
        dashing = 1;
        player.spindash_flag = 0;
        player.spindash_counter = 0;
        play_sound(SOUND_DASH);
        return 0;
    }
    if (jump_pressed()) {
        player.spindash_counter += 0x200;
        if (player.spindash_counter > 0x800)
            player.spindash_counter = 0x800;
        if (revs < REVS_SHOWN)
            revs++;
        rev_age = 0;
        play_sound(SOUND_REV);
    } else if (++rev_age == REV_FADES && revs > 1) {
        revs--;
        rev_age = 0;
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
    if (bounded(player.inertia, REST) == player.inertia && slope_at(player.x) == 0) {
        player.status &= ~ROLLING;
        dashing = 0;
    }
}

/* What holds on the ground where he stands, and not on a slab or platform above it. */
static u8 on_scree(void)
{
    return standing_on == ON_GROUND && is_scree(player.x);
}

static void wade(void)
{
    if (standing_on == ON_GROUND && is_tar(player.x) && bounded(player.inertia, TAR_SPEED) != player.inertia)
        player.inertia = towards_zero(player.inertia, TAR_DRAG);
}

static void pull_of_slope(const Slope *slope)
{
    s16 factor = 0x20; /* running: 0.125 */
    if (player.status & ROLLING)
        factor = (slope->sine > 0) == (player.inertia > 0) ? 0x50 : 0x14;
    if (slope->sine && (player.inertia || slope->rise > 4 || slope->rise < -4))
        player.inertia += times(factor, slope->sine);
    if (on_scree() && !dashing)
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
    s16 wall = wall_before(before + reach, player.x + reach, feet, speed);
    s16 last = (level->column_count << 3) - 24;
    pushing = 0;
    if (wall < 0 && reach > 0)
        wall = loop_wall(before + reach, player.x + reach, feet);
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

static void steer(void)
{
    if (player.status & ROLLING) {
        steer_rolling();
        return;
    }
    if (held(PAD_DOWN) && bounded(player.inertia, ROLL_START) != player.inertia && !on_scree())
        player.status |= ROLLING;
    else if (held(PAD_DOWN))
        player.inertia = towards_zero(player.inertia, ACCELERATION);
    else
        steer_running();
}

/* Height of what carries him after a step, or PIT when he has left it. From ground he may step on a platform or lift,
   from those and from slabs on ground. */
static s16 footing(s16 feet)
{
    s16 ground = ground_at(player.x), speed = player.inertia < 0 ? -player.inertia : player.inertia, carried;
    s16 reach = standing_on == ON_PLATFORM ? 8 : 0; /* one that sinks or rises */
    if (standing_on == ON_SLAB) {
        carried = slab_below(player.x, feet, feet);
    } else {
        carried = platform_below(player.x, feet + reach, feet + reach);
        if (carried != PIT)
            standing_on = ON_PLATFORM;
    }
    if (carried != PIT)
        return carried;
    if (standing_on != ON_GROUND && ground < feet - 8) /* ground that is only passed behind */
        return PIT;
    standing_on = ON_GROUND;
    return ground == PIT || ground > feet + 16 + 2 * (speed >> 8) ? PIT : ground;
}

static void walk_on_ground(void)
{
    const Slope *slope = standing_on == ON_GROUND ? slope_of(player.x) : slopes;
    s16 before = player.x, ground;
    if (spin_dash()) {
        player.x_vel = player.y_vel = 0;
        if (standing_on == ON_PLATFORM)
            player.x += platform_drift();
        ground = footing(player.y + FEET);
        if (ground == PIT)
            become_airborne();
        else
            player.y = ground - FEET;
        return;
    }
    if (jump_pressed()) {
        jump(slope);
        return;
    }
    pull_of_slope(slope);
    steer();
    wade();
    player.inertia = bounded(player.inertia, SPEED_CAP);
    player.angle = slope->angle;
    player.x_vel = times(player.inertia, slope->cosine);
    player.y_vel = times(player.inertia, slope->sine);
    if (standing_on == ON_PLATFORM)
        player.x += platform_drift();
    move_by(player.x_vel, 0);
    stop_at_walls(before);
    if (enter_loop(before))
        return;
    ground = footing(player.y + FEET);
    if (ground == PIT) {
        become_airborne(); /* ran off an edge; y_vel keeps the slope's direction */
        return;
    }
    player.y = ground - FEET;
    player.y_fraction = 0;
}

static void run_around(void)
{
    steer();
    player.inertia = bounded(player.inertia, SPEED_CAP);
    run_loop(jump_pressed());
    if (player.status & ROLLING && player.status & AIRBORNE)
        dashing = 0;
}

static void land(s16 ground)
{
    const Slope *slope = standing_on == ON_GROUND ? slope_of(player.x) : slopes;
    player.y = ground - FEET;
    player.y_fraction = 0;
    player.status &= ~(AIRBORNE | ROLLING);
    player.inertia = bounded(times(player.x_vel, slope->cosine) + times(player.y_vel, slope->sine), SPEED_CAP);
    dashing = 0;
    if (player.routine == ROUTINE_HURT) {
        player.routine = ROUTINE_CONTROL;
        player.inertia = 0;
    }
    if (held(PAD_DOWN) && bounded(player.inertia, ROLL_START) != player.inertia && !on_scree())
        player.status |= ROLLING;
    jump_can_be_cut = 0;
}

/* The highest of ground, slab and platform that the feet have come down to; says which in standing_on. PIT for none. */
static s16 landing(s16 feet_before, s16 feet)
{
    s16 ground = ground_at(player.x), slab = slab_below(player.x, feet_before, feet);
    s16 platform = platform_below(player.x, feet_before, feet), highest = PIT;
    if (ground != PIT && feet >= ground)
        highest = ground;
    standing_on = ON_GROUND;
    if (slab < highest) {
        highest = slab;
        standing_on = ON_SLAB;
    }
    if (platform < highest) {
        highest = platform;
        standing_on = ON_PLATFORM;
    }
    return highest;
}

static void fly(void)
{
    s16 before = player.x, feet_before = player.y + FEET, feet, ground;
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
    if (player.y_vel < 0) { /* rising: only a slope steeper than the flight is met */
        ground = ground_at(player.x);
        if (ground != PIT && feet > ground && slope_at(player.x) <= -4)
            land(ground);
        return;
    }
    ground = landing(feet_before, feet);
    if (ground != PIT)
        land(ground);
}

void move_player(void)
{
    if (invincible_frames)
        invincible_frames--;
    if (player.status & AIRBORNE)
        fly();
    else if (in_loop)
        run_around();
    else
        walk_on_ground();
    if (player.y > LEVEL_HEIGHT + 24 && player.y < 0x8000)
        kill_player();
}
