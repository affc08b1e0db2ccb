// Comfort for the review desk: lighting the place of a value, keys, unsaved changes, a queue that refreshes itself.
// Every decision works without this file; nothing here decides, and nothing is loaded from elsewhere.

const all = (css, root = document) => [...root.querySelectorAll(css)];
const one = (css, root = document) => root.querySelector(css);
document.documentElement.classList.add("has-script");

// --- Lighting: a chosen field or finding lights its places on the document, a clicked place chooses its field.

const placesOf = (owner) => all(".place").filter((place) => place.dataset.owner.split(" ").includes(owner));

function light(owner, scroll) {
  all(".lit").forEach((element) => element.classList.remove("lit"));
  if (!owner) return;
  const places = placesOf(owner);
  places.forEach((place) => place.classList.add("lit"));
  one(`[data-lights="${CSS.escape(owner)}"]`)?.classList.add("lit");
  if (scroll && places.length) bringIntoView(places[0]);
}

// Scrolls the document pane alone: the form on the right stays where the hands are.
function bringIntoView(place) {
  const pane = one(".pages");
  const there = place.getBoundingClientRect();
  const here = pane.getBoundingClientRect();
  if (there.top < here.top + 40 || there.bottom > here.bottom - 40) pane.scrollTop += there.top - here.top - here.height / 3;
  if (there.left < here.left + 10 || there.right > here.right - 10) pane.scrollLeft += there.left - here.left - here.width / 3;
}

document.addEventListener("focusin", (event) => {
  const owner = event.target.dataset?.lights;
  if (owner) light(owner, true);
});

document.addEventListener("click", (event) => {
  const place = event.target.closest?.(".place");
  const finding = event.target.closest?.(".finding[data-lights]");
  const toField = event.target.closest?.("a.to-field");
  if (place) {
    event.preventDefault();
    const owner = place.dataset.owner.split(" ")[0];
    const field = document.getElementById(owner);
    if (field?.matches("input")) field.focus();
    else {
      light(owner, false);
      field?.scrollIntoView({ block: "center" });
    }
  } else if (toField) {
    event.preventDefault();
    choose(one(toField.getAttribute("href")));
  } else if (finding && !event.target.closest("button")) {
    event.preventDefault();
    light(finding.dataset.lights, true);
  }
});

function choose(field) {
  if (!field) return;
  field.scrollIntoView({ block: "center" });
  field.focus({ preventScroll: true });
}

// --- Zoom

const zooms = all("[data-zoom]");
if (zooms.length) one(".zoom").hidden = false;
let zoom = 100;
zooms.forEach((button) =>
  button.addEventListener("click", () => {
    zoom = Math.min(300, Math.max(50, zoom + (button.dataset.zoom === "in" ? 25 : -25)));
    all(".pages > .sheet").forEach((sheet) => (sheet.style.width = `${zoom}%`));
  }),
);

// --- Unsaved changes

const form = one("#answer");
const inputs = form ? all("input[data-was]", form) : [];
const isChanged = (input) => input.value.trim() !== input.dataset.was.trim();
const dirty = one(".dirty");

function showChanges() {
  inputs.forEach((input) => input.classList.toggle("changed", isChanged(input)));
  if (dirty) dirty.hidden = !inputs.some(isChanged);
}
inputs.forEach((input) => input.addEventListener("input", showChanges));
showChanges();

// --- Keys: single letters, off while typing and where a person switched them off (WCAG 2.1.4).

const KEYS_OFF = "podesk-keys-off";
const keysAreOff = () => localStorage.getItem(KEYS_OFF) === "yes";
const showKeys = () => document.documentElement.classList.toggle("keys-are-off", keysAreOff());
const help = one("#help");
const keysOff = one("#keys-off");
if (keysOff) {
  keysOff.checked = keysAreOff();
  keysOff.addEventListener("change", () => {
    localStorage.setItem(KEYS_OFF, keysOff.checked ? "yes" : "no");
    showKeys();
  });
}
showKeys();

let chosen = -1;
function stepProblem(step) {
  const problems = all("[data-problem]");
  if (!problems.length) return;
  const now = problems.indexOf(document.activeElement);
  const from = now >= 0 ? now : chosen;
  chosen = (from + step + problems.length) % problems.length;
  if (from < 0 && step < 0) chosen = problems.length - 1;
  const field = problems[chosen];
  field.scrollIntoView({ block: "center" });
  light(field.dataset.lights, true);
  all("input.lit").forEach((input) => input.classList.remove("lit"));
  field.classList.add("lit");
}

const keys = {
  j: () => stepProblem(1),
  k: () => stepProblem(-1),
  e: () => choose(all("[data-problem]")[chosen] ?? one("[data-problem]") ?? inputs[0]),
  a: () => one("#approve:not([disabled])")?.click(),
  r: () => {
    const reject = one("details.reject");
    if (!reject) return;
    reject.open = true;
    one("#reason").focus();
  },
  n: () => one("a.step[aria-label='Next case']")?.click(),
  "?": () => help?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.matches?.("input, textarea")) {
    event.target.blur();
    return;
  }
  const isTyping = event.target.matches?.("input, textarea, select, [contenteditable]");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || help?.open || (keysAreOff() && event.key !== "?")) return;
  const action = one(".case") && keys[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

// --- The queue refreshes itself while nobody is typing in it.

const refreshed = one("[data-refresh]");
if (refreshed) {
  setInterval(async () => {
    if (document.hidden || refreshed.contains(document.activeElement)) return;
    const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = one("[data-refresh]", page);
    if (fresh && fresh.innerHTML !== refreshed.innerHTML) refreshed.replaceChildren(...fresh.childNodes);
  }, Number(refreshed.dataset.refresh) * 1000);
}
