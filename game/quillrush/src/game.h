/* Quillrush: shared types. Speeds are 8.8 fixed point, pixels a frame; positions are whole pixels with a 16-bit fraction. */
#ifndef GAME_H
#define GAME_H

typedef unsigned char u8;
typedef signed char s8;
typedef unsigned short u16;
typedef short s16;
typedef unsigned int u32;
typedef int s32;

/* ---- the RAM contract: Sonic 2's addresses ---- */

typedef struct {
    u8 unused_00[8];
    u16 x, x_fraction;      /* 08 */
    u16 y, y_fraction;      /* 0C */
    s16 x_vel, y_vel;       /* 10 */
    s16 inertia;            /* 14: speed along the ground */
    u8 unused_16[12];
    u8 status;              /* 22 */
    u8 unused_23;
    u8 routine;             /* 24 */
    u8 unused_25;
    u8 angle;               /* 26 */
    u8 unused_27[0x12];
    u8 spindash_flag;       /* 39 */
    u16 spindash_counter;   /* 3A */
} Player;

#define FACING_LEFT 1
#define AIRBORNE 2
#define ROLLING 4
#define ROUTINE_CONTROL 2
#define ROUTINE_HURT 4
#define ROUTINE_DEAD 6

#define RAM(type, address) (*(volatile type *)(address))
#define player (*(Player *)0x00FFB000)
#define screen_x RAM(u16, 0x00FFEE00)
#define screen_y RAM(u16, 0x00FFEE04)
#define screen_x_end RAM(u16, 0x00FFEECA)
#define game_mode RAM(u8, 0x00FFF600)
#define level_end_bonus RAM(u8, 0x00FFF7D6)
#define zone_number RAM(u8, 0x00FFFE10)
#define act_number RAM(u8, 0x00FFFE11)
#define lives RAM(u8, 0x00FFFE12)
#define rings RAM(u16, 0x00FFFE20)
#define minutes RAM(u8, 0x00FFFE23)
#define seconds RAM(u8, 0x00FFFE24)
#define frames RAM(u8, 0x00FFFE25)
#define score RAM(u32, 0x00FFFE26)
#define boot_slot RAM(u8, 0x00FFFFF0) /* the state builder pokes it during the boot screen; nothing else writes it */
#define music_on RAM(u8, 0x00FFFFF1)  /* 1 from power on; 0 in the start states, so that no training pays for what nobody hears */

#define MODE_BOOT 0x04
#define MODE_PLAY 0x0C
#define MODE_CARD 0x8C

/* ---- pad ---- */

#define PAD_UP 1
#define PAD_DOWN 2
#define PAD_LEFT 4
#define PAD_RIGHT 8
#define PAD_JUMP 0x70 /* A, B and C are one button */
#define PAD_START 0x80

extern u8 pad_held, pad_pressed;
void read_pad(void);

/* ---- levels: packed by builder/acts.py and laid at ACTS_BASE, so that other acts need no compiler ---- */

#define LEVEL_HEIGHT 512
#define PIT 0x7FFF
#define COLUMN_SCREE 1
#define COLUMN_TAR 2
#define COLUMN_DECOR(flags) ((flags) >> 4)

typedef struct {
    s16 left; /* ground height at the left edge of 8 pixels; PIT for none */
    s8 rise;  /* what is added to it at the right edge */
    u8 flags; /* COLUMN_ bits; the ornament in the high four, 0 for none */
} Column;

typedef struct {
    u16 x, y;
    u8 kind, option;
    u16 unused; /* eight bytes: indexing needs no multiplication */
} Thing;

enum {
    THING_RING, THING_SPIKES, THING_SPRING, THING_WALKER, THING_HOPPER, THING_PLATFORM, THING_WALL, THING_GOAL,
    THING_POST, THING_DOOR, THING_LEVER, THING_LIFT, THING_FLYER, THING_LEAPER, THING_ROLLER,
    THING_JET, THING_BUMPER, THING_CRUSHER, THING_MUSHROOM, THING_ARCH
};

typedef struct {
    u16 left, right; /* pixels; whole columns */
    s16 y;           /* of a slab: where feet stand; of a loop: the ground below it */
    u8 kind, unused;
} Scenery;

enum { SCENERY_SLAB, SCENERY_LOOP };

typedef struct {
    const Column *columns;
    const Thing *things;
    const Scenery *scenery;
    const char *name; /* on the act's card */
    u16 column_count, thing_count, scenery_count, start_y, end_x;
    u8 zone, act, theme, late; /* late: the zone at another hour */
    u8 number, song;           /* number: on the card, 0 for none */
} Level;

typedef struct {
    const u16 *foreground_palette, *background_palettes; /* the background's twice: by day, and late */
    const u32 *foreground_tiles, *background_tiles, *special_tiles, *ornament_tiles, *tar_tiles;
    const u16 *background_map;
    const u16 *loop_map; /* LOOP_ROWS x LOOP_COLUMNS; 0xFFFF for nothing */
    u16 foreground_count, background_count;
} Theme;

#define ACTS_BASE 0x40000
#define LEVEL_COUNT (*(const u16 *)ACTS_BASE)
#define levels ((const Level *)(ACTS_BASE + 4))
extern const Theme themes[9];
extern const u16 common_palettes[32];
extern const u32 common_tiles[];
extern const u16 common_count;
extern const u32 title_tiles[];     /* 4 tiles a letter: A to Z, then 0 to 9 */
extern const u32 hero_tiles[];      /* 16 tiles a pose, then the dust clouds */
extern const u8 surface_shapes[17][8]; /* which surface tile: by half of the rise plus 8, and the height's lowest bits */
extern const s16 sines[256];        /* 8.8, of 256ths of a turn */
extern const Level *level;
extern u8 slot;

/* ---- terrain.c ---- */

s16 ground_at(s16 x);               /* height of the ground below x, or PIT */
s16 slope_at(s16 x);                /* rise of the ground over 8 pixels, downwards positive */
u8 is_scree(s16 x);
u8 is_tar(s16 x);
s16 cliff_between(s16 from, s16 to, s16 feet); /* x of a rise too high to step on, or -1 */
s16 slab_below(s16 x, s16 feet_before, s16 feet); /* y of the slab that feet came down to, or PIT */

/* ---- player.c ---- */

#define FEET 19
#define ON_GROUND 0xFF
#define ON_PLATFORM 1
#define ON_SLAB 2
#define REVS_SHOWN 6
void start_player(u16 x, u16 y);
void move_player(void);
void hurt_player(s16 away);
void kill_player(void);
void throw_player(s16 x_vel, s16 y_vel); /* into the air, with these speeds */
extern u8 invincible_frames;
extern u16 death_timer;
extern u8 standing_on; /* ON_GROUND, ON_PLATFORM or ON_SLAB */
extern u8 dashing;     /* rolling since a spin dash: what breaks walls and climbs scree */
extern u8 revs;        /* presses of the charge that still show */
extern u8 pushing;
u8 held(u8 button);

/* ---- loop.c ---- */

extern u8 in_loop;          /* running around the inside of a loop */
extern u16 loop_turn;       /* how far around, 65536ths of a turn, anticlockwise from the bottom */
void start_loops(void);
u8 enter_loop(s16 before);  /* whether the step from `before` led into a loop */
void run_loop(u8 jumps);
s16 loop_wall(s16 from, s16 to, s16 feet); /* x of the far side of a loop not run through, or -1 */

/* ---- pose.c ---- */

void draw_player(void);

/* ---- things.c ---- */

#define SWITCHES 16
#define switches ((volatile u8 *)0x00FFF7E0) /* thrown levers of the act; Sonic 2 has its button triggers here */
void start_things(u16 x);
void move_things(void);
s16 wall_before(s16 from, s16 to, s16 feet, s16 speed); /* x of a standing wall or door in the way, or -1 */
s16 platform_below(s16 x, s16 feet_before, s16 feet);   /* y of a platform landed on, or PIT */
s16 platform_drift(void);                               /* pixels the platform stood on moved right */
u8 touches(s16 x, s16 y, s16 width, s16 height);
extern u16 clock; /* frames since the act began: everything that moves by itself follows it */
extern u16 post_x, post_y; /* where a life begins: 0 for the act's start */
extern u8 post_minutes, post_seconds;

/* ---- rings.c ---- */

void start_scatter(void);
void scatter_rings(void);
void move_scatter(void);

/* ---- video.c ---- */

void start_video(void);
void load_level_video(void);
void load_letters(const char *text); /* so that put_title can show them; others are left out of video memory */
u16 letter_number(char letter);
void show_frame(void);
void begin_sprites(void);
void add_sprite(s16 x, s16 y, u8 size, u16 tile);
void draw_column(u16 column);
void show_pose(u8 pose);
void show_dust(u8 size, u8 phase);
void follow_camera(void);
void snap_camera(void);
void display(u8 on);

#define SIZE(w, h) ((((w) - 1) << 2) | ((h) - 1))
#define PALETTE(n) ((n) << 13)
#define FLIP_X 0x0800
#define FLIP_Y 0x1000
#define PRIORITY 0x8000

/* ---- text.c ---- */

void draw_hud(void);
void draw_card(u16 age); /* the act's name; it slides away after some frames */
void load_card(void);
void draw_game_over(void);
void start_tally(void);
u8 run_tally(void);      /* one frame of it; whether all is counted */

/* ---- sound.c ---- */

enum {
    SOUND_JUMP, SOUND_RING, SOUND_REV, SOUND_DASH, SOUND_HURT, SOUND_BREAK, SOUND_SPRING, SOUND_GOAL, SOUND_POP,
    SOUND_SCATTER, SOUND_SWITCH, SOUND_DOOR, SOUND_POST, SOUND_TALLY, SOUND_BUMP, SOUND_SKID, SOUND_JET
};
#define MUSIC_NONE 0xFF
extern const u8 *const songs[];
void start_sound(void);
void play_sound(u8 sound);
void play_music(u8 song);
void run_sound(void);

#include "tiles.h"
#endif
