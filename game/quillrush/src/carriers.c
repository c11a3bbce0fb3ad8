/* What carries or throws: platforms, lifts, springs, mushrooms, bumpers. */
#include "things.h"

#define MOVES 1    /* a platform's option: to and fro */
#define BOBS 2     /* up and down */
#define CRUMBLES 4 /* falls once it was stood on, and comes back */
#define HOLDS 24   /* frames until it falls */
#define BACK_AFTER 160
#define SPRING_SPEED 0xA00
#define MUSHROOM_SPEED 0x880

static u16 standing_index;

static s16 platform_x(const Thing *thing)
{
    return thing->x + (thing->kind == THING_PLATFORM && thing->option & MOVES ? sway(clock & 0x1FF, 64, 1) : 0);
}

static s16 platform_y(u16 i)
{
    const Thing *thing = &level->things[i];
    s16 bob = thing->kind == THING_PLATFORM && thing->option & BOBS ? sway(clock & 0x1FF, 32, 2) : 0;
    return thing->y + bob + states[i].offset;
}

s16 platform_below(s16 x, s16 feet_before, s16 feet)
{
    u16 i;
    for (i = first_near; i < level->thing_count && (s16)level->things[i].x < x + 160; i++) {
        const Thing *t = &level->things[i];
        s16 px, py;
        if (t->kind != THING_PLATFORM && t->kind != THING_LIFT)
            continue;
        px = platform_x(t);
        py = platform_y(i);
        if (x < px - 36 || x >= px + 36 || feet_before > py + 10 || feet < py)
            continue;
        standing_index = i;
        return py;
    }
    return PIT;
}

s16 platform_drift(void)
{
    const Thing *t = &level->things[standing_index];
    if (t->kind != THING_PLATFORM || !(t->option & MOVES))
        return 0;
    return sway(clock & 0x1FF, 64, 1) - sway((clock - 1) & 0x1FF, 64, 1);
}

static u8 carries(u16 i)
{
    return standing_on == ON_PLATFORM && standing_index == i && !(player.status & AIRBORNE);
}

static void draw_platform(u16 i, u16 tile)
{
    s16 x = platform_x(&level->things[i]) - screen_x, y = platform_y(i) - screen_y;
    add_sprite(x - 32, y, SIZE(4, 2), tile | PALETTE(1));
    add_sprite(x, y, SIZE(4, 2), tile | FLIP_X | PALETTE(1));
}

void run_platform(u16 i, const Thing *t)
{
    State *s = &states[i];
    if (!(t->option & CRUMBLES)) {
        draw_platform(i, TILE_PLATFORM);
        return;
    }
    if (s->timer || carries(i))
        s->timer++;
    if (s->timer > HOLDS)
        s->offset += s->offset < 0x140 ? 2 : 0;
    if (s->timer == BACK_AFTER)
        s->timer = s->offset = 0;
    draw_platform(i, s->timer ? TILE_OBSTACLE + 16 : TILE_OBSTACLE);
}

/* A lift waits above (its offset is how far below that it is) until its lever calls it; then it goes up with whoever
   stands on it, and comes down for the next. The option: the switch, and the height in units of 16 pixels. */
void run_lift(u16 i, const Thing *t)
{
    State *s = &states[i];
    s16 lowest = (t->option >> 4) << 4;
    if (!s->timer) { /* the level has it at the top */
        s->timer = 1;
        s->offset = 0;
    }
    if (carries(i) && s->offset > 0)
        s->offset -= 2;
    else if (switches[LEVER_SWITCH(t->option)] && !carries(i) && s->offset < lowest)
        s->offset += 2;
    draw_platform(i, TILE_LIFT);
}

void run_spring(u16 i, const Thing *t)
{
    u8 up;
    if (states[i].timer)
        states[i].timer--;
    if (player.routine == ROUTINE_CONTROL && player.y_vel >= 0 && touches(t->x, t->y - 8, 8, 4)) {
        throw_player(player.x_vel < 0x200 ? 0x200 : player.x_vel, -SPRING_SPEED);
        states[i].timer = 10;
        play_sound(SOUND_SPRING);
    }
    up = states[i].timer != 0;
    add_sprite(t->x - 16 - screen_x, t->y - (up ? 32 : 16) - screen_y, up ? SIZE(4, 4) : SIZE(4, 2),
               (up ? TILE_SPRING_UP : TILE_SPRING) | PALETTE(1));
}

void run_mushroom(u16 i, const Thing *t)
{
    u16 look = 0;
    if (states[i].timer)
        states[i].timer--;
    if (player.routine == ROUTINE_CONTROL && player.y_vel > 0 && touches(t->x, t->y - 14, 10, 6)) {
        throw_player(player.x_vel, -MUSHROOM_SPEED);
        states[i].timer = 16;
        play_sound(SOUND_BUMP);
    }
    if (states[i].timer)
        look = states[i].timer > 10 ? 16 : 32;
    add_sprite(t->x - 16 - screen_x, t->y - 32 - screen_y, SIZE(4, 4), (TILE_OBSTACLE + look) | PALETTE(1));
}

void run_bumper(u16 i, const Thing *t)
{
    s16 dx = (s16)player.x - (s16)t->x, dy = (s16)player.y - (s16)t->y;
    if (states[i].timer)
        states[i].timer--;
    if (player.routine == ROUTINE_CONTROL && touches(t->x, t->y, 10, 10)) {
        throw_player(dx < 0 ? -0x380 : 0x380, dy < 0 ? -0x580 : 0x200);
        states[i].timer = 16;
        play_sound(SOUND_BUMP);
    }
    add_sprite(t->x - 16 - screen_x, t->y - 16 - screen_y, SIZE(4, 4),
               (TILE_OBSTACLE + (states[i].timer ? (clock & 2 ? 16 : 32) : 0)) | PALETTE(1));
}
