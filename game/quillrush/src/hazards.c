/* What hurts: enemies, spikes, jets, crushers. */
#include "things.h"

#define CRUSHER_LIFT 88

static u8 attacking(void)
{
    return (player.status & ROLLING) || player.spindash_flag;
}

static void meet_enemy(u16 i, s16 x, s16 y)
{
    if (player.routine == ROUTINE_DEAD || !touches(x, y, 10, 10))
        return;
    if (!attacking()) {
        hurt_player((s16)player.x - x);
        return;
    }
    states[i].gone = 1;
    states[i].timer = 16;
    score += 100;
    play_sound(SOUND_POP);
    if ((player.status & AIRBORNE) && player.y_vel > 0)
        player.y_vel = -player.y_vel;
}

void run_walker(u16 i, const Thing *t)
{
    u16 time = clock & 0x3FF;
    s16 offset = sway(time, t->option, 1), x = t->x + offset;
    u16 flip = sway((time + 2) & 0x3FF, t->option, 1) > offset ? FLIP_X : 0;
    add_sprite(x - 16 - screen_x, t->y - 24 - screen_y, SIZE(4, 3), (TILE_WALKER + (clock & 8 ? 12 : 0)) | flip | PALETTE(1));
    meet_enemy(i, x, t->y - 12);
}

void run_hopper(u16 i, const Thing *t)
{
    u16 phase = (clock + t->option) & 63;
    s16 height = phase < 48 ? ((s16)phase * (48 - (s16)phase)) >> 3 : 0;
    u16 tile = TILE_HOPPER + (height > 8 ? 9 : 0);
    add_sprite(t->x - 12 - screen_x, t->y - 24 - height - screen_y, SIZE(3, 3), tile | PALETTE(1));
    meet_enemy(i, t->x, t->y - 12 - height);
}

static void draw_enemy(s16 x, s16 y, u16 phase, u16 flip)
{
    add_sprite(x - 16 - screen_x, y - 12 - screen_y, SIZE(4, 3), (TILE_ENEMY + (phase ? 12 : 0)) | flip | PALETTE(1));
}

void run_flyer(u16 i, const Thing *t)
{
    u16 time = (clock + ((u16)t->option << 2)) & 0x1FF;
    s16 offset = sway(time, 64, 1), x = t->x + offset, y = t->y - 34 + sway(time & 127, 8, 2);
    draw_enemy(x, y, clock & 4, sway((time + 2) & 0x1FF, 64, 1) > offset ? FLIP_X : 0);
    meet_enemy(i, x, y);
}

/* Out of a hole: up for half of its time, then below again. */
void run_leaper(u16 i, const Thing *t)
{
    u16 phase = (clock + t->option) & 127;
    s16 y = t->y + 48 - (((s16)phase * (88 - (s16)phase)) >> 4);
    if (phase >= 88)
        return;
    draw_enemy(t->x, y, phase >= 44, 0);
    meet_enemy(i, t->x, y);
}

void run_roller(u16 i, const Thing *t)
{
    s16 x = t->x + sway(clock & 0x1FF, t->option, 0);
    draw_enemy(x, t->y - 12, clock & 4, 0);
    meet_enemy(i, x, t->y - 12);
}

/* Blows for half of its time, after it has shown that it will. */
void run_jet(const Thing *t)
{
    u16 phase = (clock + t->option) & 127;
    s16 x = t->x - 16 - screen_x, y = t->y - 32 - screen_y;
    u8 blows = phase >= 72, warns = phase >= 52 && (phase & 4);
    add_sprite(x, y, SIZE(4, 4), (TILE_OBSTACLE + (blows || warns ? 16 : 0)) | PALETTE(1));
    if (!blows)
        return;
    if (phase == 72 && x > -32 && x < 320)
        play_sound(SOUND_JET);
    add_sprite(x, y - 32, SIZE(4, 4), (TILE_OBSTACLE + 32) | PALETTE(1) | (clock & 4 ? FLIP_X : 0));
    if (player.routine != ROUTINE_DEAD && touches(t->x, t->y - 30, 6, 28))
        hurt_player((s16)player.x - (s16)t->x);
}

void run_crusher(const Thing *t)
{
    u16 phase = (clock + t->option) & 127;
    s16 height = phase < 64 ? CRUSHER_LIFT : phase < 72 ? CRUSHER_LIFT - ((s16)(phase - 64) * 11) : 0;
    s16 x = t->x - 16 - screen_x, y, rod;
    if (phase >= 84) /* up again, slowly */
        height = (phase - 84) << 1;
    y = t->y - 32 - height;
    for (rod = y - 32; rod > t->y - 200; rod -= 32)
        add_sprite(x, rod - screen_y, SIZE(4, 4), (TILE_OBSTACLE + 16) | PALETTE(1));
    add_sprite(x, y - screen_y, SIZE(4, 4), TILE_OBSTACLE | PALETTE(1));
    if (phase == 72 && x > -32 && x < 320)
        play_sound(SOUND_JET);
    if (player.routine != ROUTINE_DEAD && touches(t->x, y + 16, 12, 12))
        hurt_player((s16)player.x - (s16)t->x);
}

void run_spikes(const Thing *t)
{
    u8 rising = player.status & AIRBORNE && player.y_vel < 0;
    if (!rising && player.routine != ROUTINE_DEAD && touches(t->x, t->y - 6, 10, 4))
        hurt_player((s16)player.x - (s16)t->x);
    add_sprite(t->x - 16 - screen_x, t->y - 16 - screen_y, SIZE(4, 2), TILE_SPIKES | PALETTE(1));
}
