// The visitor's settings, and their outcome for each failure: at once by the rule, and measured by the kernel in the page. The URL has
// the settings as flags of "labs try", so that a visitor can send a link.
import { compute } from "./go.js";
import { halt, isBusy, isLoaded, run } from "./guest.js";

const element = (name, ...children) => {
	const e = document.createElement(name);
	e.append(...children);
	return e;
};

let form; // the form that was shown last
let asked = 0; // number of the last request for the table: a late answer to an earlier one is of other settings

export function setUpSettings() {
	const found = document.getElementById("settings");
	if (!found) return;
	form = found;
	form.hidden = false;
	form.addEventListener("input", (event) => {
		const slider = event.target;
		if (slider.type === "range") form.elements[slider.dataset.for].value = steps[slider.value];
		refuse("");
		remember();
		attempt(predict);
	});
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		attempt(() => measure(""));
	});
	for (const [name, value] of Object.entries(system)) form.elements[name].placeholder = value;
	attempt(location.hash ? recallAndPredict : predict);
}

addEventListener("hashchange", () => {
	if (form?.isConnected) attempt(recallAndPredict);
});

async function recallAndPredict() {
	await recall();
	await predict();
}

const refuse = (why) => (form.querySelector("#refused").textContent = why);
const hasMachine = () => Boolean(form.querySelector("#live"));

// attempt calls a function that needs the rule.
async function attempt(does) {
	try {
		await does();
	} catch (error) {
		refuse(`The rule can't be loaded (${error.message}). Load the page again.`);
	}
}

// steps are the values of sliders, in seconds; 0 means off.
const steps = [0, 1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 120, 300, 600, 900, 1800, 3600, 7200];

const seconds = (name) => form.elements[name].value.trim() || "0";
const time = (name) => (seconds(name) === "0" ? "off" : `${seconds(name)}s`);

// system is the system's defaults for keepalive: tcp(7).
const system = { interval: "75", count: "9" };
const orSystem = (name) => form.elements[name].value.trim() || system[name];

// given are the settings, as flags.
function given() {
	const beats = time("every") === "off" ? "off" : time("silence") === "off" ? time("every") : `${time("every")},${time("silence")}`;
	const flags = {
		keepalive: time("idle") === "off" ? "off" : `${seconds("idle")}s,${orSystem("interval")}s,${orSystem("count")}`,
		heartbeat: beats,
	};
	for (const name of ["user-timeout", "dial-timeout", "write-timeout", "read-timeout", "answer-timeout"]) flags[name] = time(name);
	return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== "off"));
}

function remember() {
	const flags = new URLSearchParams(given()).toString().replaceAll("%2C", ",");
	history.replaceState(null, "", flags ? `#${flags}` : location.pathname + location.search);
}

// recall takes the settings from the URL. If the fragment is empty, there are none. The fragment may also be an anchor on the page.
async function recall() {
	if (location.hash && !location.hash.includes("=")) return;
	const flags = new URLSearchParams(location.hash.slice(1));
	const tried = await compute("tryout", JSON.stringify(Object.fromEntries(flags)));
	if (tried.Error) {
		refuse(`The link has no settings that can be tried: ${tried.Error}.`);
		remember();
		return;
	}
	refuse("");
	for (const [name, value] of Object.entries(tried.Fields)) form.elements[name].value = value || "";
}

async function predict() {
	const number = ++asked;
	for (const slider of form.querySelectorAll("[type=range]")) {
		const value = Number(seconds(slider.dataset.for));
		const at = steps.findIndex((s) => s >= value);
		slider.value = at < 0 ? steps.length - 1 : at;
	}
	const tried = await compute("tryout", JSON.stringify(given()));
	if (number !== asked) return;
	const rows = document.getElementById("rows");
	document.getElementById("remarks").replaceChildren(...(tried.Remarks ?? []).map((r) => element("li", r.text)));
	if (tried.Error) {
		refuse(`Not so: ${tried.Error}.`);
		rows.replaceChildren();
		return;
	}
	rows.replaceChildren(...tried.Rows.map(row));
}

function row({ Failure, Says }) {
	const head = element("th", Failure);
	head.scope = "row";
	const r = element("tr", head, element("td", Says));
	r.dataset.failure = Failure;
	if (!hasMachine()) return r;
	const button = element("button");
	button.type = "button";
	button.addEventListener("click", () => {
		const drawn = r.dataset.of && form.querySelector(`#live [data-of="${CSS.escape(r.dataset.of)}"]`);
		if (drawn) drawn.scrollIntoView({ block: "nearest" });
		else attempt(() => measure(Failure));
	});
	r.append(element("td", element("span"), button));
	call(button, "Measure", Failure);
	return r;
}

function call(button, does, failure) {
	button.textContent = does;
	button.setAttribute("aria-label", `${does}: ${failure}`);
}

// measure makes the kernel in the page try one failure, or all.
async function measure(failure) {
	if (!hasMachine()) return;
	if (isBusy()) halt("Another run took its place.");
	const number = asked;
	const [rows, state, live, clock, weight] = ["rows", "state", "live", "clock", "weight"].map((id) => form.querySelector(`#${id}`));
	const tried = await compute("tryout", JSON.stringify(given()));
	if (tried.Error) return;
	const args = ["-test.run=^TestYourSettings$", ...tried.Args];
	if (failure) args.push(`-failure=${failure}`);
	const ended = await run({ lab: "lab04_compare", args, pace: "virtual", live, state, clock });
	weight.hidden = isLoaded();
	if (number !== asked && !ended.stopped) {
		state.textContent = "The settings have changed meanwhile. Measure them again.";
		return;
	}
	for (const test of ended.tests) {
		if (!test.Told?.yours) continue;
		const result = JSON.parse(test.Told.yours);
		const r = rows.querySelector(`[data-failure="${CSS.escape(result.failure)}"]`);
		const measured = await compute("measured", test.Told.yours);
		if (!r || number !== asked) continue;
		r.dataset.of = test.Test;
		r.querySelector("span").textContent = `${test.Result === "skip" ? `skipped: ${test.Says}` : measured} `;
		call(r.querySelector("button"), "Show", result.failure);
	}
	state.textContent = ended.stopped ?? (ended.status === 0 ? "✓ The kernel did what the rule says." : "✗ The kernel did not do what the rule says; see the pictures.");
	live.scrollIntoView({ block: "nearest" });
}
