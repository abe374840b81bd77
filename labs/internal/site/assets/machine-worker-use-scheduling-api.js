// The machine, in a Worker of its own. The name of this file contains use-scheduling-api, because then v86 waits by
// scheduler.postTask, which clock.js replaces. Otherwise v86 would wait by a Worker, which the page's policy would refuse.
//
// The page sends orders: { run: an order to the guest, pace }, { pace }, { step: true }. It gets { loading, of }, { ready: true },
// { text } that tests print, { clock } in milliseconds, { ended: the exit status }, { failed: why }.
import * as clock from "./clock.js";
import { machine } from "./machine.mjs";

const folder = new URL("../machine/", import.meta.url);
let emulator;
let pace = "real";
let begun; // the machine's time when the order came; undefined without an order
let isReady;
const ready = new Promise((resolve) => (isReady = resolve));

// If v86 can't start with the files that were loaded, it does not report that, or throws where nobody catches it. So there is a limit.
// With two cores, it starts in a second or two.
const mostOfStart = 60_000; // milliseconds

async function start() {
	const [{ V86 }, state, bios, program] = await Promise.all([import(new URL("libv86.mjs", folder)), loadState(), load("bios.bin"), load("v86.wasm")]);
	const limit = setTimeout(() => fail("it does not start"), mostOfStart);
	emulator = new V86({
		...machine,
		wasm_fn: async (imports) => (await WebAssembly.instantiate(program, imports)).instance.exports,
		bios: { buffer: bios },
		initial_state: { buffer: state },
		autostart: true,
	});
	emulator.add_listener("emulator-loaded", () => {
		clearTimeout(limit);
		clock.countWith(() => emulator.get_instruction_counter());
		postMessage({ ready: true });
		isReady();
	});
	emulator.add_listener("serial1-output-byte", take);
}

const fail = (why) => postMessage({ failed: why });
addEventListener("unhandledrejection", ({ reason }) => fail(reason.message ?? reason));

async function request(name) {
	const answer = await fetch(new URL(name, folder));
	if (!answer.ok) throw new Error(`${name}: ${answer.status} ${answer.statusText}`);
	return answer;
}

const load = async (name) => (await request(name)).arrayBuffer();

// loadState loads the state, which is large, and reports its progress.
async function loadState() {
	const answer = await request("state.zst");
	const of = Number(answer.headers.get("Content-Length"));
	const parts = [];
	let loading = 0;
	for (const reader = answer.body.getReader(); ; ) {
		const { done, value } = await reader.read();
		if (done) break;
		parts.push(value);
		loading += value.length;
		postMessage({ loading, of });
	}
	return new Blob(parts).arrayBuffer();
}

// The guest sends lines of JSON.

let line = "";

function take(byte) {
	if (byte !== 10) {
		line += String.fromCharCode(byte);
		return;
	}
	const message = JSON.parse(line);
	line = "";
	switch (message.Kind) {
		case 2: // Output
			hear(Uint8Array.from(atob(message.Text), (c) => c.charCodeAt(0)));
			break;
		case 4: // Ended
			end(message.Status);
	}
}

const untold = []; // lines that wait for the next step
let begunLine = ""; // the beginning of a line whose end has not come
const decoder = new TextDecoder();
const happened = /^\x16?=== ATTR +\S+ story \{/;
let ended; // the exit status, which waits, too

function hear(bytes) {
	const text = decoder.decode(bytes, { stream: true });
	if (pace !== "step") {
		postMessage({ text });
		return;
	}
	const lines = (begunLine + text).split(/(?<=\n)/);
	begunLine = lines.at(-1).endsWith("\n") ? "" : lines.pop();
	untold.push(...lines);
	if (untold.some((line) => happened.test(line))) {
		clock.stop();
		tick();
	}
	tellOne();
}

let isDue = false; // the page has asked for an event that has not come

// tellOne sends the page the waiting lines up to the next event, and that event.
function tellOne() {
	const at = untold.findIndex((line) => happened.test(line));
	if (!isDue || (at < 0 && ended === undefined)) return;
	isDue = false;
	const told = untold.splice(0, at < 0 ? untold.length : at + 1);
	postMessage({ text: told.join("") });
	if (untold.length === 0 && ended !== undefined) end(ended);
}

function end(status) {
	if (pace === "step" && untold.length > 0) {
		ended = status;
		clock.stop();
		tellOne();
		return;
	}
	tick();
	clock.stop(); // without an order, the machine would only compute its ticks
	begun = ended = undefined;
	postMessage({ ended: status });
}

function step() {
	isDue = true;
	tellOne();
	if (isDue && begun !== undefined) clock.go();
}

function tick() {
	if (begun !== undefined) postMessage({ clock: clock.now() - begun });
}

setInterval(tick, 100);

onmessage = async ({ data }) => {
	await ready;
	if (data.run) {
		pace = data.pace;
		isDue = true;
		begun = clock.now();
		clock.go(pace);
		emulator.serial_send_bytes(1, new TextEncoder().encode(JSON.stringify(data.run) + "\n"));
	} else if (data.step) {
		step();
	} else if (data.pace && begun !== undefined) {
		pace = data.pace;
		if (pace !== "step") {
			postMessage({ text: untold.splice(0).join("") + begunLine });
			begunLine = "";
		}
		if (ended !== undefined) end(ended);
		else clock.go(pace);
	}
};

start();
