// Looks at the page that it stands in, in a frame of page.bats, and tells its parent what is
// wrong with it. It is put first into the head, so that it hears every error.
const faults = [];
const fault = (what, text) => faults.push(`${what}: ${text.trim().replace(/\s+/g, ' ').slice(0, 60)}`);
addEventListener('error', event => fault('error', event.message || event.target.outerHTML), true);
for (const level of ['error', 'warn'])
    console[level] = text => fault('console', String(text));

// Of "rgb(1, 2, 3)" and "rgba(1, 2, 3, 0.5)"; what lets light through is no ground.
const numbers = colour => (colour.match(/[\d.]+/g) || []).map(Number);
const light = colour => numbers(colour).slice(0, 3).map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);

function ground(element) {
    const picture = element.closest('svg');
    if (picture) // gnuplot paints it first
        return getComputedStyle(picture.querySelector('rect,polygon,path')).fill;
    for (; element; element = element.parentElement) {
        const colour = numbers(getComputedStyle(element).backgroundColor);
        if (colour.length === 3 || colour[3] === 1)
            return getComputedStyle(element).backgroundColor;
    }
    return 'rgb(255, 255, 255)';
}

function look_at_text(element, text) {
    const style = getComputedStyle(element), picture = element.closest('svg');
    const box = element.getBoundingClientRect();
    const zoom = picture ? element.getScreenCTM().a : 1;
    const size = parseFloat(style.fontSize) * zoom;
    if (size < 8.95)
        fault(`text of ${size.toFixed(1)} px`, text);
    const seen = contrast(picture ? style.fill : style.color, ground(element));
    if (seen < 4.5)
        fault(`contrast ${seen.toFixed(2)}`, text);
    const frame = picture ? picture.getBoundingClientRect() : null;
    if (frame && (box.left < frame.left - 1 || box.right > frame.right + 1 ||
                  box.top < frame.top - 1 || box.bottom > frame.bottom + 1))
        fault('text beyond its picture', text);
}

function look(width) {
    if (performance.getEntriesByType('resource').length > 0)
        fault('request', performance.getEntriesByType('resource')[0].name);
    for (const link of document.querySelectorAll('a[href^="#"]'))
        if (!document.getElementById(decodeURIComponent(link.hash.slice(1))))
            fault('broken link', link.hash);
    const lead = document.querySelector('.lead'), picture = document.querySelector('figure');
    if (width === 1280 && lead.getBoundingClientRect().bottom > 500)
        fault('answer ends', `${lead.getBoundingClientRect().bottom}`);
    if (width === 1280 && picture && picture.getBoundingClientRect().top > 700)
        fault('first chart begins', `${picture.getBoundingClientRect().top}`);
    for (const fold of document.querySelectorAll('details'))
        fold.open = true;
    for (const element of document.body.querySelectorAll('*')) {
        const box = element.getBoundingClientRect();
        if (box.width === 0 || box.height === 0 || element.closest('script,style'))
            continue;
        if (!element.closest('svg,.wide') && (box.right > width + 1 || box.left < -1))
            fault('wider than the screen', element.outerHTML);
        const text = [...element.childNodes].filter(node => node.nodeType === Node.TEXT_NODE)
            .map(node => node.data).join('');
        if (text.trim() !== '' && !['title', 'desc', 'style'].includes(element.localName))
            look_at_text(element, text);
    }
    if (document.documentElement.scrollWidth > width)
        fault('the page scrolls sideways', `${document.documentElement.scrollWidth}`);
}

addEventListener('load', () => {
    const width = document.documentElement.clientWidth;
    look(width);
    parent.postMessage(`${width}: ${faults.length === 0 ? 'well' : [...new Set(faults)].join('\n')}`, '*');
});
