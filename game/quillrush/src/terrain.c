/* The ground: heights along x in columns of 8 pixels, and slabs that float above it and hold from above only. */
#include "game.h"

static const Column *column_at(s16 x)
{
    s16 i = x >> 3;
    if (i < 0)
        i = 0;
    if (i >= (s16)level->column_count)
        i = level->column_count - 1;
    return &level->columns[i];
}

s16 ground_at(s16 x)
{
    const Column *c = column_at(x);
    if (c->left == PIT)
        return PIT;
    return c->left + ((c->rise * (x & 7)) >> 3);
}

s16 slope_at(s16 x)
{
    const Column *c = column_at(x);
    return c->left == PIT ? 0 : c->rise;
}

u8 is_scree(s16 x)
{
    return column_at(x)->flags & COLUMN_SCREE;
}

u8 is_tar(s16 x)
{
    return column_at(x)->flags & COLUMN_TAR;
}

/* Walk the column borders between two x's; a border where the ground jumps up past the step height is a cliff. */
s16 cliff_between(s16 from, s16 to, s16 feet)
{
    s16 i = from >> 3, last = to >> 3, step = to > from ? 1 : -1;
    while (i != last) {
        const Column *here = column_at(i << 3), *there = column_at((i + step) << 3);
        s16 edge = step > 0 ? there->left : there->left + there->rise;
        s16 own = step > 0 ? here->left + here->rise : here->left;
        if (there->left != PIT && edge < feet - 12 && (here->left == PIT || own - edge > 12))
            return step > 0 ? (i + 1) << 3 : (i << 3) - 1;
        i += step;
    }
    return -1;
}

s16 slab_below(s16 x, s16 feet_before, s16 feet)
{
    const Scenery *s = level->scenery, *end = s + level->scenery_count;
    for (; s < end && (s16)s->left <= x; s++) /* sorted by their left ends */
        if (s->kind == SCENERY_SLAB && x < (s16)s->right && feet_before <= s->y + 4 && feet >= s->y)
            return s->y;
    return PIT;
}
