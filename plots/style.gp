# What all charts share. A chart's script is run as
#   gnuplot -c NAME.gp DATA FORMAT OUT SHAPE COLOURS ROOM
# FORMAT is svg, png or pdf; SHAPE is wide or narrow (390 pixels, for a telephone); COLOURS are
# those of a theme, in the order below; ROOM is "WIDTH HEIGHT" in pixels for the picture, or "" for the
# script's own. It reads one TSV file (block 0: the texts above the picture; block 1: a row for each
# panel; then the panels' blocks). Scripts know columns, never strategies. `load` hides the
# arguments, so each script names them first.
set encoding utf8
set datafile separator tab
set datafile missing 'NaN'

ink = word(colours, 1)        # text
faint = word(colours, 2)      # text that matters less, axes
line_grey = word(colours, 3)  # grids
paper = word(colours, 4)
hue(place) = int('0x' . word(colours, 4 + int(place))[2:])
narrow = shape eq 'narrow'

# The texts: `about`, of which the first n_title are the title's. Block 0 has them for each
# shape, since each breaks its lines elsewhere.
array about[16]
n_about = 0
n_title = 0
set table $unused
plot data index 0 using (strcol(1) eq shape ? (n_about = n_about + 1, \
    n_title = n_title + (strcol(2) eq 'title'), about[n_about] = strcol(3), 0) : 0) with table
unset table
stats data index 1 using 1 nooutput
n_panels = int(STATS_records)
array place[n_panels]
array label[n_panels]
set table $unused
plot data index 1 using (place[int($0) + 1] = $1, label[int($0) + 1] = strcol(2), 0) with table
unset table

# "processing: a pool of 2 processes": a name, and what it means.
array said[n_panels]
array means[n_panels]
do for [i=1:n_panels] {
    at = strstrt(label[i], ': ')
    said[i] = at > 1 ? label[i][1:at - 1] : label[i]
    means[i] = at > 1 ? label[i][at + 2:strlen(label[i])] : ''
}
# Both where there is room for so many characters, else the name.
full(i, most) = strlen(label[i]) <= most ? label[i] : said[i]
longest_said = 0
do for [i=1:n_panels] { longest_said = strlen(said[i]) > longest_said ? strlen(said[i]) : longest_said }

# Fills array `values` (made beforehand) with a numeric column of block 1.
fill = "set table $unused; \
plot data index 1 using (values[int($0) + 1] = column(col), 0) with table; unset table"

# Sizes of text: SVG counts pixels, the others points of three quarters of one.
points = picture eq 'svg' ? 1 : 0.75
large = sprintf(',%g', (narrow ? 16 : 20) * points)
middling = sprintf(',%g', 15 * points)
small = sprintf(',%g', 12 * points)
tiny = sprintf(',%g', (narrow ? 10 : 11) * points)
# Of names beside rows: smaller where one is long.
naming = longest_said > 30 ? small : middling
name_px = (longest_said > 30 ? 7.2 : 8.4) * longest_said
face = 'system-ui,DejaVu Sans,sans-serif'

# The texts stand from the top down; `about_end` is where they end.
array about_y[16]
about_end = narrow ? 10 : 12
do for [k=1:n_about] {
    about_end = about_end + (k <= n_title ? (narrow ? 20 : 24) : 18) + (k == n_title + 1 ? 6 : 0)
    about_y[k] = about_end - 8
}
# Puts them there, in a picture whose coordinates are pixels.
title = "do for [k=1:n_about] { set label about[k] at (narrow ? 14 : 20), about_y[k] left front \
textcolor rgb (k <= n_title ? ink : faint) font (k <= n_title ? large : small) }"

# A number to about three digits, without an exponent.
short(x) = x >= 100 ? sprintf('%.0f', x) : sprintf('%.3g', x)
# A time on an axis: 0, 0.1 ms, 10 ms, 1 s.
span(s) = s == 0 ? '0' : s < 0.9999e-4 ? sprintf('%.3g µs', s * 1e6) : \
    s < 0.9999 ? sprintf('%.3g ms', s * 1e3) : sprintf('%.3g s', s)
# The same on an axis that ends at `end`: one unit for all of it.
on_axis(s) = s == 0 ? '0' : end < 2e-3 ? sprintf('%.3g µs', s * 1e6) : \
    end < 0.7 ? sprintf('%.3g ms', s * 1e3) : sprintf('%.3g s', s)
# The round step, 1, 2 or 5 times a power of ten, that is at least x.
round_step(x) = (step_of = 10 ** floor(log10(x)), \
    x <= step_of * 1.001 ? step_of : x <= 2.001 * step_of ? 2 * step_of : \
    x <= 5.001 * step_of ? 5 * step_of : 10 * step_of)

# Opens the picture; `width` and `height` in pixels must be set. Where there is another room for it
# ("1600 900"; "": none is given), it is scaled as a whole to fit. A PNG has two points for each
# pixel.
open = "zoom = words(room) < 2 ? 1.0 : 1.0 * word(room, 1) / width; \
zoom = words(room) == 2 && 1.0 * word(room, 2) / height < zoom ? 1.0 * word(room, 2) / height : zoom; \
if (picture eq 'svg') { set terminal svg noenhanced size width, height \
font face . ',13' background paper } else { if (picture eq 'png') { \
set terminal pngcairo noenhanced size 2 * zoom * width, 2 * zoom * height fontscale 2 * zoom \
linewidth 2 * zoom pointscale 2 * zoom font 'DejaVu Sans,10' background paper } else { \
set terminal pdfcairo noenhanced size zoom * width / 96.0, zoom * height / 96.0 \
fontscale zoom pointscale zoom linewidth zoom font 'DejaVu Sans,10' background paper } }; \
set output out"

# One plane of pixels, from the top left, with no axes of its own.
in_pixels = "set lmargin at screen 0; set rmargin at screen 1; set tmargin at screen 1; \
set bmargin at screen 0; set xrange [0:width]; set yrange [height:0]; unset border; unset tics; \
unset grid"

set border 3 linecolor rgb faint
set tics nomirror textcolor rgb ink
set grid linecolor rgb line_grey linetype 1 linewidth 0.6
unset key

# A grid of equal panels below the texts, for what has axes of its own: `grid_size` takes
# panel_height, head and foot, and sets width and height; `panel_place` puts the i-th panel.
n_columns = narrow ? 1 : n_panels < 3 ? n_panels : 3
n_rows_of_panels = (n_panels + n_columns - 1) / n_columns
left = narrow ? 62 : 66; right = narrow ? 12 : 20; gap_x = 18; gap_y = narrow ? 58 : 62
grid_size = "width = narrow ? 390 : 1000; \
height = head + foot + n_rows_of_panels * panel_height + (n_rows_of_panels - 1) * gap_y; \
panel_width = (width - left - right - (n_columns - 1) * gap_x) / n_columns"
panel_place = "column = (i - 1) % n_columns; x0 = left + column * (panel_width + gap_x); \
y0 = head + (i - 1) / n_columns * (panel_height + gap_y); \
set lmargin at screen 1.0 * x0 / width; set rmargin at screen 1.0 * (x0 + panel_width) / width; \
set tmargin at screen 1 - 1.0 * y0 / height; \
set bmargin at screen 1 - 1.0 * (y0 + panel_height) / height; \
set label 40 full(i, longest_said > 30 ? 40 : 36) at graph 0, screen 1 - (y0 - 12.0) / height left textcolor rgb ink font naming"

# The texts in a picture of panels, and the names of their axes; they go with the first panel.
panel_texts = "do for [k=1:n_about] { set label k about[k] \
at screen (narrow ? 14.0 : 20.0) / width, screen 1 - 1.0 * about_y[k] / height left \
textcolor rgb (k <= n_title ? ink : faint) font (k <= n_title ? large : small) }; \
set label 20 name_x at screen 0.5, screen 16.0 / height center textcolor rgb faint font small; \
set label 21 name_y at screen 1.0 * (narrow ? 14 : 20) / width, screen 1 - (about_end + 16.0) / height left textcolor rgb ink font small"
texts_gone = "do for [k=1:21] { unset label k }"

# Names stand at the ends of lines, on a telephone without what they mean; where that is long,
# or the same of two, with it below the picture.
end_name(i) = names_below ? full(i, 50) : narrow ? said[i] : full(i, 40)
names_below = 0
longest = 0
alike = 0
do for [i=1:n_panels] {
    longest = strlen(end_name(i)) > longest ? strlen(end_name(i)) : longest
    do for [k=1:i - 1] { alike = alike || end_name(i) eq end_name(k) }
}
names_below = alike || narrow && longest > 14
names_right = names_below ? 20 : 30 + (narrow ? 6.9 : 7.4) * longest
names_px = names_below ? 16 * n_panels + 10 : 0

# wanted_y[i], in pixels from the bottom, becomes at_y[i], the highest first, moved apart by `gap`
# between bottom_y and top_px where they would touch, or downwards from names_top.
array order[n_panels]
array at_y[n_panels]
array wanted_y[n_panels]
spread_names = "do for [i=1:n_panels] { order[i] = i; k = i; \
while (k > 1 && wanted_y[order[k]] > wanted_y[order[k > 1 ? k - 1 : 1]]) { \
swap = order[k]; order[k] = order[k - 1]; order[k - 1] = swap; k = k - 1 } }; \
before = top_px + gap; do for [k=1:n_panels] { i = order[k]; \
at_y[i] = wanted_y[i] < before - gap ? wanted_y[i] : before - gap; before = at_y[i] }; \
below = bottom_y - gap; do for [k=n_panels:1:-1] { i = order[k]; \
at_y[i] = at_y[i] > below + gap ? at_y[i] : below + gap; below = at_y[i]; \
if (names_below) { at_y[i] = names_top - 16 * k } }; \
names_x = names_below ? 20.0 : width - right + 14.0"
