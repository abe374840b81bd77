// The machine of the page: one, which goes on from page to page, and runs one thing at a time.
import { compute } from "./go.js";

let machine; // the Worker
let isReady = false;
let current; // what runs: see run

export const isLoaded = () => isReady;
export const isBusy = () => Boolean(current);

// run runs tests of a lab, and gives what came of it: { status, tests: what is shown of each, stopped: why it ended early }.
// What comes meanwhile goes into elements: live has a picture of each test, state says in words what is going on, and
// clock has the machine's time.
export async function run({ lab, args, pace, live, state, clock }) {
	const isNew = !machine;
	let end;
	const ended = new Promise((done) => (end = done));
	current = { live, state, clock, end, text: "", tests: new Map() };
	live.replaceChildren();
	clock.value = "";
	state.textContent = isReady ? "Starting the test …" : "Loading the machine …";
	await compute("begin", lab);
	if (isNew) start();
	machine.postMessage({
		pace,
		run: {
			Binary: `${lab}.test`,
			Args: ["-test.v=test2json", "-test.paniconexit0", "-test.timeout=24h", ...args],
			Env: ["LABS_LONG=on", "LABS_STORY=data", "HOME=/tmp", "TMPDIR=/tmp"],
		},
	});
	return ended;
}

export const setPace = (pace) => machine?.postMessage({ pace });
export const step = () => machine?.postMessage({ step: true });

// halt ends the machine. The next run starts it anew, from the state that it had when it was made.
export function halt(why) {
	machine?.terminate();
	machine = undefined;
	isReady = false;
	finish({ stopped: why });
}

function start() {
	machine = new Worker(new URL("use-scheduling-api.js", import.meta.url), { type: "module" });
	machine.onmessage = ({ data }) => take(data);
	machine.onerror = (event) => halt(`The machine does not start: ${event.message ?? "its script can't be loaded"}.`);
}

function finish(result) {
	const ran = current;
	current = undefined;
	ran?.end({ ...result, tests: [...ran.tests.values()] });
}

function take(message) {
	if (!current) return;
	const { state, clock } = current;
	if (message.failed) halt(`The machine can't be loaded (${message.failed}). The recorded picture is on this page.`);
	if (message.loading) {
		const percent = message.of ? ` ${Math.round((100 * message.loading) / message.of)} %` : "";
		state.textContent = `Loading the machine:${percent}`;
	}
	if (message.ready) {
		isReady = true;
		state.textContent = "Starting the test …";
		navigator.serviceWorker?.controller?.postMessage("keep all");
	}
	if (message.clock !== undefined) clock.value = `${(message.clock / 1000).toFixed(1)} s on the machine’s clock`;
	if (message.text) current.text += message.text;
	if (message.ended !== undefined) current.status = message.ended;
	draw(current);
}

// draw draws what has come so far. What comes meanwhile is drawn after it.
async function draw(ran) {
	if (ran.isDrawing) return;
	ran.isDrawing = true;
	while (ran.text && ran === current) {
		const next = ran.text;
		ran.text = "";
		for (const shown of await compute("take", next)) show(ran, shown);
	}
	ran.isDrawing = false;
	if (ran === current && ran.status !== undefined) finish({ status: ran.status });
}

function show(ran, shown) {
	ran.tests.set(shown.Test, shown);
	if (!shown.Picture) return;
	ran.state.textContent = "";
	const seen = ran.live.querySelector(`[data-of="${CSS.escape(shown.Test)}"] .seen`) ?? placeFor(ran.live, shown.Test);
	seen.innerHTML = shown.Picture; // of package picture, which escapes all text
}

// placeFor makes the place of a test's picture.
function placeFor(live, test) {
	const place = document.createElement("div");
	place.dataset.of = test;
	const part = test.includes("/") && test.slice(test.indexOf("/") + 1).replaceAll("_", " ");
	if (part) {
		const heading = document.createElement("h3");
		heading.textContent = part;
		place.append(heading);
	}
	const seen = document.createElement("div");
	seen.className = "seen";
	seen.tabIndex = 0;
	seen.setAttribute("role", "group");
	seen.setAttribute("aria-label", `Picture of ${part || "this run"}; the left and right arrow keys go through its segments`);
	place.append(seen);
	live.append(place);
	return seen;
}
