// Your settings: what they do about each failure, by the rule at once, and measured by the kernel in the page. The address holds
// them as flags of labs try, so that a link can be sent.
import { compute } from "./go.js";
import { halt, isBusy, isLoaded, run } from "./guest.js";

const element = (name, ...children) => {
	const e = document.createElement(name);
	e.append(...children);
	return e;
};

let form; // of the page that is shown
let asked = 0;

export async function setUpSettings() {
	form = document.getElementById("settings");
	if (!form) return;
	form.hidden = false;
	form.addEventListener("input", (event) => {
		const slider = event.target;
		if (slider.type === "range") form.elements[slider.dataset.for].value = steps[slider.value];
		remember();
		attempt(predict);
	});
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		attempt(() => measure(""));
	});
	for (const [name, value] of Object.entries(system)) form.elements[name].placeholder = value;
	attempt(async () => {
		await recall();
		await predict();
	});
}

// attempt does what needs the rule.
async function attempt(does) {
	try {
		await does();
	} catch (error) {
		document.getElementById("refused").textContent = `The rule can't be loaded (${error.message}). Load the page again.`;
	}
}

// steps are where sliders stop, in seconds; 0 is off.
const steps = [0, 1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 120, 300, 600, 900, 1800, 3600, 7200];

const seconds = (name) => form.elements[name].value.trim() || "0";
const time = (name) => (seconds(name) === "0" ? "off" : `${seconds(name)}s`);

// system is what the system has where keepalive is on and nothing else is said: tcp(7).
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
	history.replaceState(null, "", flags ? `#${flags}` : location.pathname);
}

// recall takes the settings from the address, if they are settings.
async function recall() {
	const flags = new URLSearchParams(location.hash.slice(1));
	if (location.hash === "" || !location.hash.includes("=")) return;
	const tried = await compute("tryout", JSON.stringify(Object.fromEntries(flags)));
	if (tried.Error) {
		document.getElementById("refused").textContent = `The link has no settings that can be tried: ${tried.Error}.`;
		history.replaceState(null, "", location.pathname);
		return;
	}
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
	const refused = document.getElementById("refused");
	const rows = document.getElementById("rows");
	document.getElementById("remarks").replaceChildren(...(tried.Remarks ?? []).map((r) => element("li", r.text)));
	if (tried.Error) {
		refused.textContent = `Not so: ${tried.Error}.`;
		rows.replaceChildren();
		return;
	}
	if (Object.keys(given()).length > 0) refused.textContent = "";
	rows.replaceChildren(...tried.Rows.map(row));
}

function row({ Failure, Says }) {
	const head = element("th", Failure);
	head.scope = "row";
	const measured = element("td");
	const button = element("button", "Measure");
	button.type = "button";
	button.setAttribute("aria-label", `Measure: ${Failure}`);
	button.addEventListener("click", () => attempt(() => measure(Failure)));
	measured.append(button);
	const r = element("tr", head, element("td", Says), measured);
	r.dataset.failure = Failure;
	return r;
}

// measure has the kernel in the page try one failure, or all.
async function measure(failure) {
	if (isBusy()) halt("Another run took its place.");
	const part = (id) => document.getElementById(id);
	const tried = await compute("tryout", JSON.stringify(given()));
	if (tried.Error) return;
	const args = ["-test.run=^TestYourSettings$", ...tried.Args];
	if (failure) args.push(`-failure=${failure}`);
	const rows = part("rows");
	const state = part("state");
	const ended = await run({ lab: "lab04_compare", args, pace: "virtual", live: part("live"), state, clock: part("clock") });
	part("weight").hidden = isLoaded();
	for (const test of ended.tests) {
		if (!test.Told?.yours) continue;
		const result = JSON.parse(test.Told.yours);
		const cell = rows.querySelector(`[data-failure="${CSS.escape(result.failure)}"] td:last-child`);
		const measured = await compute("measured", test.Told.yours);
		cell?.replaceChildren(test.Result === "skip" ? `skipped: ${test.Says}` : measured);
	}
	state.textContent = ended.stopped ?? (ended.status === 0 ? "✓ The kernel did what the rule says." : "✗ The kernel did not do what the rule says; see the pictures.");
	part("live").scrollIntoView({ block: "nearest" });
}
