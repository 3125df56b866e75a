# What all charts share. A chart's script is run as `gnuplot -c NAME.gp DATA FORMAT OUT`:
# it reads one TSV file (block 0: title and caption; block 1: one row per panel; then the
# panels' blocks) and draws one picture. Scripts know columns, never strategies. `load`
# hides the arguments, so each script names them first.
set encoding utf8
set datafile separator tab
set datafile missing 'NaN'

ink = '#2b2b29'
faint = '#8c8c86'
line_grey = '#d9d9d2'
paper = '#fcfcf9'

# Okabe and Ito's palette, its black and yellow toned to be seen on the paper. A cell's
# place in the run picks its colour, in every chart.
hues = '0xD55E00 0x0072B2 0x009E73 0xCC79A7 0xE69F00 0x56B4E9 0x555555 0xA08C00'
hue(place) = int(word(hues, 1 + (int(place) - 1) % words(hues)))

# Texts of block 0 and the rows of block 1, as arrays.
array about[2]
set table $unused
plot data index 0 using (about[int($0) + 1] = strcol(1), 0) with table
unset table
stats data index 1 using 1 nooutput
n_panels = int(STATS_records)
array place[n_panels]
array label[n_panels]
set table $unused
plot data index 1 using (place[int($0) + 1] = $1, label[int($0) + 1] = strcol(2), 0) with table
unset table

# Fills array `values` (made beforehand) with a numeric column of block 1.
fill = "set table $unused; \
plot data index 1 using (values[int($0) + 1] = column(col), 0) with table; unset table"

# Sizes of text: SVG counts pixels, PNG points.
large = picture eq 'svg' ? ',19' : ',15'
middling = picture eq 'svg' ? ',15' : ',12'
small = picture eq 'svg' ? ',11.5' : ',9'
tiny = picture eq 'svg' ? ',10' : ',8'

# A number to about three digits, without an exponent.
short(x) = x >= 100 ? sprintf('%.0f', x) : sprintf('%.3g', x)

# A grid of equal panels below the title and above the caption, in pixels.
n_columns = n_panels < 3 ? n_panels : 3
n_rows = (n_panels + n_columns - 1) / n_columns

# Opens the picture; `width` and `height` in pixels must be set.
open = "if (picture eq 'svg') { set terminal svg noenhanced size width, height \
font 'DejaVu Sans,Arial,sans-serif,13' background paper } else { \
set terminal pngcairo noenhanced size width, height font 'DejaVu Sans,10' \
background paper }; set output out"

set border 3 linecolor rgb faint
set tics nomirror textcolor rgb ink
set grid linecolor rgb line_grey linetype 1 linewidth 0.6
unset key
