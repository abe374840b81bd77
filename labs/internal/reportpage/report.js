"use strict";

const form = document.getElementById("filters");
const shown = document.getElementById("shown");
const labs = [...document.querySelectorAll(".lab")];
const experiments = [...document.querySelectorAll(".experiment")];

// Search

// What is searched of an experiment: all its words and its source, but not its pictures.
const texts = new Map();

function textOf(experiment) {
	if (!texts.has(experiment)) {
		const parts = experiment.querySelectorAll("h3, .says, .verdict, .about, .source");
		texts.set(experiment, [...parts].map((part) => part.textContent).join("\n").toLowerCase());
	}
	return texts.get(experiment);
}

function fits(experiment, wanted) {
	return [...wanted].every(([name, value]) => {
		if (name === "q") {
			return value.toLowerCase().split(/\s+/).every((word) => textOf(experiment).includes(word));
		}
		return experiment.dataset[name].split("|").includes(value);
	});
}

// wanted are the controls that are set.
function wanted() {
	const set = new URLSearchParams();
	for (const control of form.elements) {
		if (control.type === "checkbox") {
			if (!control.checked) set.set(control.name, "off");
		} else if (control.name && control.value.trim()) {
			set.set(control.name, control.value.trim());
		}
	}
	return set;
}

function filter() {
	const set = wanted();
	set.delete("keys");
	let n = 0;
	for (const experiment of experiments) {
		experiment.hidden = !fits(experiment, set);
		if (!experiment.hidden) n++;
	}
	for (const lab of labs) {
		lab.hidden = !lab.querySelector(".experiment:not([hidden])");
	}
	shown.value = n === experiments.length ? `all ${n} experiments` : `${n} of ${experiments.length} experiments`;
}

// remember keeps the state in the address, so that a link or a reload has it.
function remember() {
	const query = wanted().toString();
	history.replaceState(null, "", (query ? "?" + query : location.pathname) + location.hash);
}

function recall() {
	for (const [name, value] of new URLSearchParams(location.search)) {
		const control = form.elements.namedItem(name);
		if (control?.type === "checkbox") control.checked = value !== "off";
		else if (control) control.value = value;
	}
	filter();
}

function clear() {
	form.reset();
	filter();
	remember();
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", () => {
	filter();
	remember();
});
form.elements.clear.addEventListener("click", (event) => {
	event.preventDefault(); // it would set the controls back only later
	clear();
});

// Links

// reveal opens all that the target of the address is in, and goes there.
function reveal() {
	let id = location.hash.slice(1);
	let target = document.getElementById(id);
	if (!target) {
		try {
			id = decodeURIComponent(id);
		} catch {
			return;
		}
		target = document.getElementById(id);
	}
	if (!target) return;
	if (target.closest("[hidden]")) clear();
	for (let part = target.closest("details"); part; part = part.parentElement.closest("details")) {
		part.open = true;
	}
	target.scrollIntoView();
}

addEventListener("hashchange", reveal);

// Keys

const keys = {
	"/": () => form.elements.q.focus(),
	j: () => go(1),
	n: () => go(1),
	k: () => go(-1),
	p: () => go(-1),
};

// go goes to the next experiment that is shown, or to the one before.
function go(step) {
	const visible = experiments.filter((experiment) => !experiment.hidden);
	let to = visible.indexOf(document.activeElement.closest(".experiment"));
	if (to < 0) {
		to = visible.findIndex((experiment) => experiment.getBoundingClientRect().top > 1);
		if (step > 0) step = 0;
	}
	const next = visible[to + step];
	if (!next) return;
	next.scrollIntoView();
	next.focus({ preventScroll: true });
	history.replaceState(null, "", location.search + "#" + encodeURI(next.id));
}

addEventListener("keydown", (event) => {
	if (event.key === "Escape") {
		if (!popover.hidden) hide();
		else clear();
		return;
	}
	const inField = event.target.closest("input, select, textarea");
	if (inField || event.ctrlKey || event.altKey || event.metaKey || !form.elements.keys.checked || !keys[event.key]) return;
	event.preventDefault();
	keys[event.key]();
});

// Segments

const popover = document.createElement("div");
popover.className = "popover";
popover.setAttribute("role", "status");
popover.hidden = true;
document.body.append(popover);

let chosen = null;
let stays = false; // the popover, when the pointer goes elsewhere

// fieldsOf takes the fields of a segment from its title, so that the browser does not show them a second time.
function fieldsOf(segment) {
	const title = segment.querySelector("title");
	if (title) {
		segment.dataset.fields = title.textContent;
		title.remove();
	}
	return segment.dataset.fields;
}

function show(segment, stay) {
	hide();
	chosen = segment;
	stays = stay;
	chosen.classList.add("chosen");
	popover.textContent = fieldsOf(segment);
	popover.hidden = false;
	const at = segment.getBoundingClientRect();
	const room = document.documentElement.clientWidth - popover.offsetWidth - 8;
	popover.style.left = Math.max(8, Math.min(at.left, room)) + scrollX + "px";
	popover.style.top = at.bottom + 6 + scrollY + "px";
}

function hide() {
	chosen?.classList.remove("chosen");
	chosen = null;
	popover.hidden = true;
}

addEventListener("pointerover", (event) => {
	if (chosen && stays) return;
	const segment = event.target.closest(".segment");
	if (segment) show(segment, false);
	else hide();
});

addEventListener("click", (event) => {
	const segment = event.target.closest(".segment");
	if (segment && !(segment === chosen && stays)) show(segment, true);
	else hide();
});

// walk goes to the segment before or after the chosen one, in the picture that has the focus.
function walk(seen, step) {
	const segments = [...seen.querySelectorAll(".segment")];
	const next = segments[segments.indexOf(chosen) + step] ?? segments[step > 0 ? 0 : segments.length - 1];
	if (!next) return;
	next.scrollIntoView({ block: "nearest" });
	show(next, true);
}

for (const seen of document.querySelectorAll(".seen")) {
	seen.addEventListener("keydown", (event) => {
		const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
		if (!step) return;
		event.preventDefault();
		walk(seen, step);
	});
	seen.addEventListener("blur", hide);
}

form.hidden = false;
recall();
if (location.hash) reveal();
