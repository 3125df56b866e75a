#!/usr/bin/env bats
# bats file_tags=looks
# The report as a browser shows it: page_measure.js looks at every text and box, on the screens
# of a telephone, a tablet and a desk, light and dark.

load helpers

setup() {
    command -v chromium >/dev/null || skip "chromium is missing (Debian: chromium)"
    command -v gnuplot >/dev/null || skip "gnuplot is missing (Debian: gnuplot-nox)"
    cd "$BATS_TEST_TMPDIR"
}

# A small run of every built-in experiment, once for all tests.
setup_file() {
    command -v chromium >/dev/null && command -v gnuplot >/dev/null || return 0
    cd "$BATS_FILE_TMPDIR"
    "$JUGGLE" run --experiment "$(experiments | paste -sd,)" --work cpu:2ms --users 4 \
        --seconds 0.1 --repeat 1 --out all >out 2>&1 3>&-
}

experiments() { # but for peers, which is measured by itself
    (cd "$BATS_TEST_DIRNAME/../../experiments" && grep -lE '^const struct experiment experiment_' ./*.c |
        sed 's|^\./||; s|\.c$||; /^peers$/d')
}

# One experiment of that run as a run of its own.
take_experiment() { # take_experiment NAME
    mkdir -p "$1/cells"
    jq --arg name "$1" '.experiment = $name | .experiments = [$name] |
        .cells |= map(select(.experiment == $name))' "$BATS_FILE_TMPDIR/all/run.json" >"$1/run.json"
    for cell in $(jq -r '.cells[].name' "$1/run.json"); do
        cp "$BATS_FILE_TMPDIR/all/cells/$cell"-r* "$1/cells"
    done
    "$JUGGLE" report "$1" >/dev/null
}

# What page_measure.js says of a page, from another folder than it was written to: a line for
# each screen, and one for each fault.
measure() { # measure PAGE light|dark
    local theme='' folder
    folder=$(mktemp -d)
    [ "$2" = dark ] && theme=--blink-settings=preferredColorScheme=0
    {
        printf '<head><script>\n'
        cat "$BATS_TEST_DIRNAME/page_measure.js"
        printf '</script>\n'
    } >"$folder/head"
    sed -e "/^<head>$/{r $folder/head" -e 'd}' "$1" >"$folder/page.html"
    cat >"$folder/frames.html" <<'HTML'
<body><pre>
</pre><script>
addEventListener('message', event => document.querySelector('pre').append(event.data + '\n'));
for (const width of [390, 768, 1280])
    document.body.insertAdjacentHTML('beforeend',
        `<iframe src="page.html" width="${width}" height="800" style="border:0"></iframe>`);
</script>
HTML
    # shellcheck disable=SC2086
    timeout $LIMIT_S chromium --headless --no-sandbox --disable-gpu --hide-scrollbars \
        --user-data-dir="$folder/profile" $theme --window-size=1400,900 \
        --virtual-time-budget=20000 --dump-dom "file://$folder/frames.html" 2>"$folder/err" 3>&- |
        sed -n '/<pre>/,/<\/pre>/p' | sed 's|.*<pre>||; /<\/pre>/,$d'
    rm -r "$folder"
}

is_well() { # is_well PAGE: in both themes
    local theme
    for theme in light dark; do
        measure "$1" $theme >said
        echo "$1, $theme:"
        cat said
        [ "$(sort -n said | tr '\n' ' ')" = "390: well 768: well 1280: well " ]
    done
}

@test "the page of each experiment is well on every screen, light and dark" {
    for name in $(experiments); do
        take_experiment "$name"
        is_well "$name/report.html"
    done
}

@test "the page of all experiments is well on every screen, and links to its cells" {
    is_well "$BATS_FILE_TMPDIR/all/report.html"
    grep -oE 'href="cells/[^"]*"' "$BATS_FILE_TMPDIR/all/report.html" | cut -d'"' -f2 >cells
    [ -s cells ]
    while read -r cell; do
        [ -s "$BATS_FILE_TMPDIR/all/$cell" ]
    done <cells
}

@test "what is wrong with a page is found" {
    take_experiment article
    sed 's|<p class="lead">|<p style="color:#888">grey</p><p style="font-size:8px">small</p><a href="#nowhere">lost</a><div style="width:2000px">wide</div><img src="away.png"><script>no_such_function()</script>&|' \
        article/report.html >bad.html
    measure bad.html light >said
    cat said
    for fault in 'contrast 3.54: grey' 'text of 8.0 px: small' 'broken link: #nowhere' \
        'wider than the screen: ' 'error: .*away.png' 'error: .*no_such_function' 'scrolls sideways'; do
        grep -q "$fault" said
    done
}

@test "long names, of cells that differ in several ways, stay within their pictures" {
    "$JUGGLE" run --strategies threadpool,async --work cpu:1ms+sleep:2ms --users 100,200 --think 10,20 \
        --seconds 0.1 --repeat 1 --out own >out 2>&1 3>&-
    jq -e '[.cells[].label | length] | max > 30' own/run.json
    is_well own/report.html
}
