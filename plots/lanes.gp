# What each request went through: a panel per contestant, in it a row per user in the order of
# finishing, all on one axis of time. A thin line waits for its turn; a bar is being worked on,
# the stronger the larger the part of it in which it computed; a pale outlined part sleeps or fetches.
data = ARG1; picture = ARG2; out = ARG3; shape = ARG4; colours = ARG5; room = ARG6
load 'style.gp'
array note[n_panels]
set table $unused
plot data index 1 using (note[int($0) + 1] = strcol(3), 0) with table
unset table
array values[n_panels]
col = 4
@fill
array end_s[n_panels]
end = 0.0
do for [i=1:n_panels] {
    end_s[i] = values[i]
    end = values[i] > end ? values[i] : end
}
end = end > 0 ? end : 1
col = 5
@fill
array n_rows[n_panels]
total = 0
do for [i=1:n_panels] { n_rows[i] = values[i]; total = total + values[i] }

thick = total > 80 ? 6 : total > 50 ? 8 : 10
below_name(i) = means[i] . (means[i] eq '' || note[i] eq '' ? '' : ': ') . note[i]
left = name_px + 35 > 285 ? name_px + 35 : 285
do for [i=1:n_panels] { left = 7 * strlen(below_name(i)) + 30 > left ? 7 * strlen(below_name(i)) + 30 : left }
if (narrow) { width = 390; left = 14; right = 322; above = 40 } \
else { width = 1000; right = 905; above = 12 }
below = 14
key_y = about_end + 16
head = key_y + (narrow ? 50 : 22)
foot = 40
# A panel beside its name is at least as high as the name's two lines.
high(i) = n_rows[i] * thick < 34 && !narrow ? 34 : n_rows[i] * thick
height = head + foot
do for [i=1:n_panels] { height = height + above + high(i) + below }
px(s) = left + (right - left) * s / end
last(s) = end < 0.7 ? sprintf('%.0f ms', s * 1e3) : sprintf('%.2f s', s)
@open
@in_pixels
@title

# The key.
array kind[4]
kind[1] = 'waits for its turn'; kind[2] = 'computes all the time'
kind[3] = 'computes a fifth of it'; kind[4] = 'sleeps or fetches'
do for [k=1:(has_sleep = 1, 4)] {
    x = narrow ? 14 + (k - 1) % 2 * 180 : left + word('0 145 320 500', k)
    y = key_y + (narrow ? (k - 1) / 2 * 20 : 0)
    if (k == 1) { set arrow from x, y to x + 24, y nohead front linecolor rgb faint linewidth 1.2 }
    if (k > 1) {
        set object rectangle from x, y - 5 to x + 24, y + 5 front fillcolor rgb faint \
            fillstyle transparent solid (k == 2 ? 1 : k == 3 ? 0.2 : 0) border linecolor rgb faint
    }
    if (k == 4) { set arrow from x + 4, y + 5 to x + 14, y - 5 nohead front linecolor rgb faint linewidth 1
                  set arrow from x + 12, y + 5 to x + 22, y - 5 nohead front linecolor rgb faint linewidth 1 }
    set label kind[k] at x + 31, y left textcolor rgb ink font small
}

# The panels, from the top down.
array top[n_panels]
at = head
do for [i=1:n_panels] {
    top[i] = at + above
    if (narrow) {
        set label full(i, 44) at left, at + 8 left textcolor rgb ink font naming
        set label note[i] at left, at + 26 left textcolor rgb faint font small
    } else {
        set label said[i] at left - 15, top[i] + high(i) / 2.0 - 9 right textcolor rgb ink font naming
        set label below_name(i) at left - 15, top[i] + high(i) / 2.0 + 10 right textcolor rgb faint font small
    }
    set label last(end_s[i]) at px(end_s[i]) + 8, top[i] + (n_rows[i] - 0.5) * thick left \
        textcolor rgb ink font small
    at = at + above + high(i) + below
}
bottom = at
step = round_step(end / (narrow ? 4.0 : 7.0))
do for [k=0:int(end / step + 0.001)] {
    x = px(k * step)
    do for [i=1:(narrow ? n_panels : 1)] { # beside the names, not through them
        set arrow from x, (narrow ? top[i] - 4 : head) to x, (narrow ? top[i] + high(i) + 4 : bottom) \
            nohead back linecolor rgb line_grey linewidth 0.8
    }
    set label on_axis(k * step) at x, bottom + 10 center textcolor rgb faint font small
}
set label 'time since the users asked' at (left + right) / 2, bottom + 28 center \
    textcolor rgb faint font small

y(i, row) = top[i] + (row - 0.5) * thick
tall = thick * 0.4
shade(i, share) = hue(place[i]) + (int(255 * (1 - (share < 0.12 ? 0.12 : share > 1 ? 1 : share))) << 24)
plot for [i=1:n_panels] data index 1 + i using (px($2)):(y(i, $1)):(px($3) - px($2)):(0) \
         with vectors nohead linewidth 1.2 linecolor rgb faint, \
     for [i=1:n_panels] data index 1 + i \
         using (px($3)):(y(i, $1)):(px($3)):(px($4)):(y(i, $1) - tall):(y(i, $1) + tall):(shade(i, $5)) \
         with boxxyerror fillstyle solid noborder linecolor rgb variable, \
     for [i=1:n_panels] data index 1 + i \
         using (px($6)):(y(i, $1)):(px($6)):(px($7)):(y(i, $1) - tall):(y(i, $1) + tall) \
         with boxxyerror fillstyle solid noborder linecolor rgb paper, \
     for [i=1:n_panels] data index 1 + i \
         using (px($6)):(y(i, $1)):(px($6)):(px($7)):(y(i, $1) - tall):(y(i, $1) + tall) \
         with boxxyerror fillstyle transparent pattern 4 linecolor rgb hue(place[i]), \
     for [i=1:n_panels] data index 1 + i \
         using (px($3)):(y(i, $1)):(px($3)):(px($4)):(y(i, $1) - tall):(y(i, $1) + tall) \
         with boxxyerror fillstyle empty linecolor rgb hue(place[i]) linewidth 0.8
