// The page's script. The script of the pictures comes before it.

const form = document.getElementById("filters");
const shown = document.getElementById("shown");
const labs = [...document.querySelectorAll(".lab")];
const experiments = [...document.querySelectorAll(".experiment")];

// Search

// The search looks at an experiment's text and source, but not at its pictures.
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

// wanted are the controls that have a value.
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

// remember keeps the state in the URL, so that a link or a reload restores it.
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
	event.preventDefault(); // it would reset the controls too late
	clear();
});

// Links

// reveal unfolds everything around the target of the URL, and goes to it.
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

// go goes to the next or to the previous visible experiment.
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
	if (event.defaultPrevented) return; // a picture has handled the key
	if (event.key === "Escape") {
		clear();
		return;
	}
	const inField = event.target.closest("input, select, textarea");
	if (inField || event.ctrlKey || event.altKey || event.metaKey || !form.elements.keys.checked || !keys[event.key]) return;
	event.preventDefault();
	keys[event.key]();
});

form.hidden = false;
recall();
if (location.hash) reveal();
