// The machine. The same machine continues from page to page, and runs one thing at a time.
import { compute } from "./go.js";
import { keepAll } from "./visit.js";

let machine; // the Worker
let isReady = false;
let current; // the current run: see run

export const isLoaded = () => isReady;
export const isBusy = () => Boolean(current);

// run runs tests of a lab, and returns { status, tests: what is shown of each, stopped: why it ended early }. Meanwhile it shows
// the progress in three elements: live has a picture of each test, state says in words what happens, and clock has the
// machine's time.
export async function run({ lab, args, pace, live, state, clock }) {
	let end;
	const ended = new Promise((done) => (end = done));
	const ran = { live, state, clock, end, text: "", tests: new Map() };
	current = ran;
	live.replaceChildren();
	clock.value = "";
	state.textContent = isReady ? "Starting the test …" : "Loading the machine …";
	try {
		await compute("begin", lab);
	} catch (error) {
		if (ran === current) finish({ stopped: failure(error.message) });
	}
	if (ran !== current) return ended; // it was stopped in the meantime
	if (!machine) start();
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

// halt ends the machine. The next run starts a new one, from the saved state.
export function halt(why) {
	machine?.terminate();
	machine = undefined;
	isReady = false;
	finish({ stopped: why });
}

function start() {
	machine = new Worker(new URL("machine-worker-use-scheduling-api.js", import.meta.url), { type: "module" });
	machine.onmessage = ({ data }) => take(data);
	machine.onerror = (event) => halt(failure(event.message || "its script"));
}

const failure = (why) => `The machine ${isReady ? "can't go on" : "can't be loaded"} (${why}). Run it again to load it once more.`;

function finish(result) {
	const ran = current;
	current = undefined;
	ran?.end({ ...result, tests: [...ran.tests.values()] });
}

function take(message) {
	if (message.failed) halt(failure(message.failed));
	if (!current) return;
	const { state, clock } = current;
	if (message.loading) {
		const percent = message.of ? ` ${Math.round((100 * message.loading) / message.of)} %` : "";
		state.textContent = `Loading the machine:${percent}`;
	}
	if (message.ready) {
		isReady = true;
		state.textContent = "Starting the test …";
		keepAll();
	}
	if (message.clock !== undefined) clock.value = `${(message.clock / 1000).toFixed(1)} s on the machine’s clock`;
	if (message.text) current.text += message.text;
	if (message.ended !== undefined) current.status = message.ended;
	draw(current);
}

// draw draws what has come so far, and then what has come while it drew.
async function draw(ran) {
	if (ran.isDrawing) return;
	ran.isDrawing = true;
	while (ran.text && ran === current) {
		const next = ran.text;
		ran.text = "";
		try {
			for (const shown of await compute("take", next)) show(ran, shown);
		} catch (error) {
			if (ran === current) halt(`The picture can't be drawn (${error.message}).`);
		}
	}
	ran.isDrawing = false;
	if (ran === current && ran.status !== undefined) finish({ status: ran.status });
}

function show(ran, shown) {
	ran.tests.set(shown.Test, shown);
	if (!shown.Picture) return;
	ran.state.textContent = "";
	const seen = ran.live.querySelector(`[data-of="${CSS.escape(shown.Test)}"] .seen`) ?? placeFor(ran.live, shown.Test);
	seen.innerHTML = shown.Picture; // made by package picture, which escapes all text
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
