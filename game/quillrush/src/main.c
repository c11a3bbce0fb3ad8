/* The run of the game: boot, act after act, frame after frame. */
#include "game.h"

#define PAD_DATA (*(volatile u8 *)0xA10003)
#define BOOT_FRAMES 10
#define CARD_FRAMES 40
#define GAME_OVER_FRAMES 120
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

/* The act's card over its first picture, then play. After a death at a post, from there. */
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
    frames = 0;
    minutes = post_x ? post_minutes : 0;
    seconds = post_x ? post_seconds : 0;
    if (post_x)
        start_player(post_x, post_y - FEET);
    else
        start_player(96, level->start_y - FEET);
    start_things(post_x);
    start_scatter();
    snap_camera();
    load_level_video();
    load_card();
    play_music(level->song);
    display(1);
    for (i = 0; i < CARD_FRAMES; i++) {
        begin_sprites();
        draw_card(0);
        next_frame();
    }
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
    u8 paused = 0;
    for (;;) {
        next_frame();
        if ((pad_pressed & PAD_START) && player.routine == ROUTINE_CONTROL)
            paused = !paused;
        if (paused)
            continue;
        begin_sprites();
        draw_hud();
        if (clock < 128)
            draw_card(clock);
        tick_timer();
        move_player();
        follow_camera();
        if (level_end_bonus && run_tally())
            return 1;
        draw_player();
        move_things();
        if (death_timer && ++death_timer == LIFE_LOST_AT)
            lives--;
        if (death_timer > DEATH_FRAMES)
            return 0;
    }
}

static void game_over(void)
{
    u16 i;
    play_music(MUSIC_NONE);
    load_letters("GAMEOVER");
    for (i = 0; i < GAME_OVER_FRAMES; i++) {
        begin_sprites();
        draw_game_over();
        next_frame();
    }
    lives = 3;
    score = 0;
    post_x = 0;
}

void game_main(void)
{
    u16 i;
    start_video();
    start_sound();
    music_on = 1;
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
            post_x = 0;
        } else if (lives == 0) {
            game_over();
        }
    }
}
