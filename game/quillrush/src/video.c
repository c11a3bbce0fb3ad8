/* The VDP: plane A is the ground (64 x 64 tiles: all of the act's height, columns stream in), plane B the background. */
#include "game.h"

#define VDP_DATA (*(volatile u16 *)0xC00000)
#define VDP_DATA_LONG (*(volatile u32 *)0xC00000)
#define VDP_CONTROL (*(volatile u16 *)0xC00004)
#define VDP_CONTROL_LONG (*(volatile u32 *)0xC00004)

#define PLANE_A 0xC000
#define PLANE_B 0xE000
#define SCROLL_TABLE 0xB400
#define SPRITE_TABLE 0xB800
#define WRITE_VRAM(address) (0x40000000 | ((u32)((address) & 0x3FFF) << 16) | ((address) >> 14))
#define WRITE_CRAM 0xC0000000
#define WRITE_VSRAM 0x40000010

#define MOST_SPRITES 78
#define PLANE_COLUMNS 64
#define ROWS 64
#define BANDS 28
#define SKY_HEIGHT 96 /* of the background: clouds that pass more slowly than what stands on the ground */

typedef struct {
    u16 y, size_link, tile, x;
} Sprite;

static Sprite sprites[MOST_SPRITES];
static u16 sprite_count;
static u16 column_tiles[4][ROWS];
static u16 column_slots[4];
static u16 pending;
static u8 pose_wanted, pose_shown, dust_wanted, dust_shown; /* numbers in hero_tiles, from 1; 0 for none */
static s16 drawn_first; /* leftmost column that plane A holds */

static void set_register(u8 number, u8 value)
{
    VDP_CONTROL = 0x8000 | ((u16)number << 8) | value;
}

void display(u8 on)
{
    set_register(1, on ? 0x64 : 0x24); /* vertical interrupt on either way */
}

void start_video(void)
{
    u16 i;
    static const u8 values[] = {0x04, 0x24, PLANE_A >> 10, 0, PLANE_B >> 13, SPRITE_TABLE >> 9, 0, 0, 0, 0,
                                0xFF, 0x02, 0x81, SCROLL_TABLE >> 10, 0, 2, 0x11, 0, 0};
    for (i = 0; i < sizeof values; i++)
        set_register(i, values[i]);
    VDP_CONTROL_LONG = WRITE_VRAM(0);
    for (i = 0; i < 0x4000; i++)
        VDP_DATA_LONG = 0;
    VDP_CONTROL_LONG = WRITE_VSRAM;
    for (i = 0; i < 40; i++)
        VDP_DATA = 0;
}

static void copy_tiles(u16 first, const u32 *tiles, u16 count)
{
    u16 i;
    VDP_CONTROL_LONG = WRITE_VRAM((u32)first << 5);
    for (i = 0; i < count; i++, tiles += 8) {
        VDP_DATA_LONG = tiles[0];
        VDP_DATA_LONG = tiles[1];
        VDP_DATA_LONG = tiles[2];
        VDP_DATA_LONG = tiles[3];
        VDP_DATA_LONG = tiles[4];
        VDP_DATA_LONG = tiles[5];
        VDP_DATA_LONG = tiles[6];
        VDP_DATA_LONG = tiles[7];
    }
}

u16 letter_number(char letter)
{
    return letter >= 'A' ? letter - 'A' : letter - '0' + 26;
}

void load_letters(const char *text)
{
    for (; *text; text++)
        if (*text != ' ')
            copy_tiles(TILE_BIG + (letter_number(*text) << 2), title_tiles + (letter_number(*text) << 5), 4);
}

static void copy_palette(u16 line, const u16 *colours)
{
    u16 i;
    VDP_CONTROL_LONG = WRITE_CRAM | ((u32)line << 21);
    for (i = 0; i < 16; i++)
        VDP_DATA = colours[i];
}

static u16 row_of(const Column *c)
{
    s16 top = c->rise < 0 ? c->left + c->rise : c->left;
    return c->left == PIT ? ROWS : top >> 3;
}

/* Slabs and loops over this column; the ground hides what lies behind it. */
static void compose_scenery(u16 column, u16 *tiles, u16 base)
{
    const Scenery *s = level->scenery, *end = s + level->scenery_count;
    for (; s < end && s->left >> 3 <= column; s++) {
        u16 first = s->left >> 3, last = (s->right >> 3) - 1, row = s->y >> 3, i;
        if (column > last)
            continue;
        if (s->kind == SCENERY_SLAB) {
            i = column == first ? 0 : column == last ? 3 : 1 + (column & 1);
            if (!tiles[row])
                tiles[row] = base + GROUND_LEDGE + i;
            if (!tiles[row + 1])
                tiles[row + 1] = base + GROUND_LEDGE + 4 + i;
            continue;
        }
        for (i = 0, row -= LOOP_ROWS; i < LOOP_ROWS; i++, row++) {
            u16 entry = themes[level->theme].loop_map[i * LOOP_COLUMNS + column - first];
            if (entry != 0xFFFF)
                tiles[row] = base + GROUND_LOOP + entry; /* the flips lie in the same bits */
        }
    }
}

static void compose_earth(u16 column, u16 row, u16 *tiles, u16 base)
{
    const Column *c = &level->columns[column];
    u16 top = row_of(c) + 2, left_edge = column ? row_of(c - 1) : top;
    u16 right_edge = column + 1 < level->column_count ? row_of(c + 1) : top;
    for (; row < ROWS; row++) {
        if (row <= left_edge && left_edge > top)
            tiles[row] = base + GROUND_EDGE + (row & 1);
        else if (row <= right_edge && right_edge > top)
            tiles[row] = (base + GROUND_EDGE + (row & 1)) | FLIP_X;
        else
            tiles[row] = base + GROUND_FILL + ((row & 3) << 2) + (column & 3);
    }
}

/* Compose one column of plane A: sky, an ornament, the surface, earth below. */
static void compose_column(u16 column, u16 *tiles)
{
    const Column *c = &level->columns[column];
    u16 row, shape, base = TILE_GROUND | PALETTE(2), decor = COLUMN_DECOR(c->flags);
    for (row = 0; row < ROWS; row++)
        tiles[row] = 0;
    if (c->left != PIT) {
        row = row_of(c);
        shape = surface_shapes[(c->rise >> 1) + 8][c->left & 7];
        if (decor && row >= 2) {
            tiles[row - 2] = base + GROUND_DECOR + (decor - 1) * 2;
            tiles[row - 1] = base + GROUND_DECOR + (decor - 1) * 2 + 1;
        }
        tiles[row++] = base + (c->flags & COLUMN_TAR ? GROUND_TAR : shape);
        if (c->rise == 16 || c->rise == -16)
            tiles[row++] = base + ++shape;
        if (row < ROWS) /* the edge's band goes on into the next tile */
            tiles[row++] = base + GROUND_UNDER + shape;
        compose_earth(column, row, tiles, base);
    }
    compose_scenery(column, tiles, base);
}

static void put_column(u16 slot_column, const u16 *tiles)
{
    u16 row;
    set_register(15, PLANE_COLUMNS * 2);
    VDP_CONTROL_LONG = WRITE_VRAM((u32)PLANE_A + slot_column * 2);
    for (row = 0; row < ROWS; row++)
        VDP_DATA = tiles[row];
    set_register(15, 2);
}

void draw_column(u16 column)
{
    if (pending < 4 && column < level->column_count) {
        compose_column(column, column_tiles[pending]);
        column_slots[pending++] = column & (PLANE_COLUMNS - 1);
    }
}

void show_pose(u8 pose)
{
    pose_wanted = pose + 1;
}

void show_dust(u8 size, u8 phase)
{
    dust_wanted = POSE_DUST + (size << 1) + phase + 1;
}

static void copy_pose(u8 wanted, u8 *shown, u16 tile)
{
    if (wanted == *shown)
        return;
    copy_tiles(tile, hero_tiles + ((u16)(wanted - 1) << 7), 16);
    *shown = wanted;
}

void load_level_video(void)
{
    const Theme *theme = &themes[level->theme];
    u16 i, column;
    copy_palette(0, common_palettes);
    copy_palette(1, common_palettes + 16);
    copy_palette(2, theme->foreground_palette);
    copy_palette(3, theme->background_palettes + (level->late ? 16 : 0));
    set_register(7, 0x30);
    copy_tiles(0, common_tiles, common_count);
    copy_tiles(TILE_ENEMY, theme->special_tiles, SPECIAL_TILES);
    copy_tiles(TILE_GROUND, theme->foreground_tiles, theme->foreground_count);
    copy_tiles(TILE_BACKGROUND, theme->background_tiles, theme->background_count);
    VDP_CONTROL_LONG = WRITE_VRAM((u32)PLANE_B);
    for (i = 0; i < 64; i++) /* the picture is 16 tiles wide and repeats */
        for (column = 0; column < 64; column++)
            VDP_DATA = (theme->background_map[(i < 40 ? i : 39) * 16 + (column & 15)] + TILE_BACKGROUND) | PALETTE(3);
    pose_wanted = pose_shown = dust_wanted = dust_shown = 0;
    drawn_first = (s16)(screen_x >> 3) - 2;
    if (drawn_first < 0)
        drawn_first = 0;
    for (column = drawn_first; column < (u16)drawn_first + 46 && column < level->column_count; column++) {
        compose_column(column, column_tiles[0]);
        put_column(column & (PLANE_COLUMNS - 1), column_tiles[0]);
    }
    pending = 0;
}

/* Keep 46 columns around the picture drawn; at most four a frame, more than any speed needs. */
static void stream_columns(void)
{
    s16 wanted = (s16)(screen_x >> 3) - 2;
    if (wanted < 0)
        wanted = 0;
    while (drawn_first < wanted && pending < 4) {
        draw_column(drawn_first + 46);
        drawn_first++;
    }
    while (drawn_first > wanted && pending < 4) {
        drawn_first--;
        draw_column(drawn_first);
    }
}

static s16 camera_bound(s16 value, s16 most)
{
    return value < 0 ? 0 : value > most ? most : value;
}

static s16 wanted_x(void)
{
    return camera_bound((s16)player.x - 144, (level->column_count << 3) - 328);
}

static s16 wanted_y(void)
{
    return camera_bound((s16)player.y - 120, LEVEL_HEIGHT - 224);
}

void snap_camera(void)
{
    screen_x = wanted_x();
    screen_y = wanted_y();
    screen_x_end = (level->column_count << 3) - 328;
}

void follow_camera(void)
{
    s16 dx, dy;
    if (player.routine == ROUTINE_DEAD)
        return;
    dx = wanted_x() - (s16)screen_x;
    dy = wanted_y() - (s16)screen_y;
    screen_x += dx > 16 ? 16 : dx < -16 ? -16 : dx;
    screen_y += dy > 14 ? 14 : dy < -14 ? -14 : dy > 0 ? (dy + 3) >> 2 : dy >> 2;
    stream_columns();
}

void begin_sprites(void)
{
    sprite_count = 0;
}

void add_sprite(s16 x, s16 y, u8 size, u16 tile)
{
    Sprite *s = &sprites[sprite_count];
    if (sprite_count >= MOST_SPRITES || x <= -32 || x >= 320 || y <= -32 || y >= 224)
        return;
    s->x = x + 128;
    s->y = y + 128;
    s->size_link = ((u16)size << 8) | (sprite_count + 1);
    s->tile = tile;
    sprite_count++;
}

/* What moves in the ground's pictures: two of the ornaments, and tar. By turns, so that no frame copies much. */
static void animate_ground(void)
{
    const Theme *theme = &themes[level->theme];
    u16 phase = (clock >> 3) & 3;
    if ((clock & 7) == 0)
        copy_tiles(TILE_GROUND + GROUND_DECOR + 4, theme->ornament_tiles + (phase << 5), 4);
    else if ((clock & 7) == 4)
        copy_tiles(TILE_GROUND + GROUND_TAR, theme->tar_tiles + (phase << 3), 1);
}

/* Everything that goes to the VDP, in the vertical blank. */
void show_frame(void)
{
    u16 i, *words = (u16 *)sprites;
    u16 sky_bands = (SKY_HEIGHT - (screen_y >> 2) + 7) >> 3;
    for (i = 0; i < pending; i++)
        put_column(column_slots[i], column_tiles[i]);
    pending = 0;
    copy_pose(pose_wanted, &pose_shown, TILE_HERO);
    copy_pose(dust_wanted, &dust_shown, TILE_DUST);
    if (game_mode == MODE_PLAY)
        animate_ground();
    if (sprite_count == 0)
        add_sprite(0, 0, 0, 0);
    sprites[sprite_count - 1].size_link &= 0xFF00;
    VDP_CONTROL_LONG = WRITE_VRAM((u32)SPRITE_TABLE);
    for (i = 0; i < sprite_count * 4; i++)
        VDP_DATA = *words++;
    set_register(15, 32); /* scroll entries of bands lie 32 bytes apart */
    VDP_CONTROL_LONG = WRITE_VRAM((u32)SCROLL_TABLE);
    for (i = 0; i < BANDS; i++)
        VDP_DATA = -screen_x;
    VDP_CONTROL_LONG = WRITE_VRAM((u32)SCROLL_TABLE + 2);
    for (i = 0; i < BANDS; i++)
        VDP_DATA = -(i < sky_bands ? screen_x >> 4 : screen_x >> 3);
    set_register(15, 2);
    VDP_CONTROL_LONG = WRITE_VSRAM;
    VDP_DATA = screen_y;
    VDP_DATA = screen_y >> 2;
}
