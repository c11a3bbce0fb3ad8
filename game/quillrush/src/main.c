/* The run of the game: boot, act after act, frame after frame. */
#include "game.h"

#define PAD_DATA (*(volatile u8 *)0xA10003)
#define BOOT_FRAMES 10
#define CARD_FRAMES 20
#define TALLY_FRAMES 150
#define DEATH_FRAMES 60
#define LIFE_LOST_AT 40 /* while the player is still where he died, as in the games this one honours */

void wait_for_vertical_blank(void);

const Level *level;
u8 slot;
u8 pad_held, pad_pressed;

void read_pad(void)
{
    u8 before = pad_held, low, high;
    PAD_DATA = 0x40;
    __asm__ volatile("nop\n\tnop");
    low = ~PAD_DATA; /* --CBRLDU */
    PAD_DATA = 0x00;
    __asm__ volatile("nop\n\tnop");
    high = ~PAD_DATA; /* --SA--DU */
    PAD_DATA = 0x40;
    pad_held = (low & 0x3F) | ((high & 0x10) << 2) | ((high & 0x20) << 2);
    pad_pressed = pad_held & ~before;
}

static void next_frame(void)
{
    wait_for_vertical_blank();
    show_frame();
    read_pad();
    run_sound();
}

static void start_act(void)
{
    u16 i;
    level = &levels[slot];
    game_mode = MODE_CARD;
    display(0);
    zone_number = level->zone;
    act_number = level->act;
    level_end_bonus = 0;
    rings = 0;
    minutes = seconds = frames = 0;
    start_player(96, level->start_y - FEET);
    start_things();
    snap_camera();
    load_level_video();
    begin_sprites();
    for (i = 0; i < CARD_FRAMES; i++)
        next_frame();
    display(1);
    game_mode = MODE_PLAY;
}

static void tick_timer(void)
{
    if (level_end_bonus || ++frames < 60)
        return;
    frames = 0;
    if (++seconds < 60)
        return;
    seconds = 0;
    if (++minutes == 10) {
        minutes = 9;
        seconds = 59;
        rings = 0;
        kill_player();
    }
}

/* Play one act until it is finished (1) or a life is lost (0). */
static u8 play_act(void)
{
    u16 tally = 0;
    u8 paused = 0;
    for (;;) {
        next_frame();
        if ((pad_pressed & PAD_START) && player.routine == ROUTINE_CONTROL)
            paused = !paused;
        if (paused)
            continue;
        begin_sprites();
        draw_hud();
        tick_timer();
        move_player();
        follow_camera();
        draw_player();
        move_things();
        if (level_end_bonus && ++tally >= TALLY_FRAMES)
            return 1;
        if (level_end_bonus && tally > 30 && tally < 130)
            score += 10;
        if (death_timer && ++death_timer == LIFE_LOST_AT)
            lives--;
        if (death_timer > DEATH_FRAMES)
            return 0;
    }
}

void game_main(void)
{
    u16 i;
    start_video();
    start_sound();
    game_mode = MODE_BOOT;
    begin_sprites();
    for (i = 0; i < BOOT_FRAMES; i++)
        next_frame();
    slot = boot_slot < LEVEL_COUNT ? boot_slot : 0;
    lives = 3;
    score = 0;
    for (;;) {
        start_act();
        if (play_act()) {
            slot = slot + 1 < LEVEL_COUNT ? slot + 1 : 0;
        } else if (lives == 0) {
            lives = 3;
            score = 0;
        }
    }
}
