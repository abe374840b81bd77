// Calls the Go program of the page, in a Worker: see the command inpage.
import { isAnswered } from "./visit.js";

let worker;
let last = 0;
const waiting = new Map();

function start() {
	worker = new Worker(new URL("lab.js", import.meta.url));
	worker.onmessage = ({ data: { id, result, failed } }) => {
		if (failed) {
			giveUp(failed);
			return;
		}
		waiting.get(id).done(result);
		waiting.delete(id);
	};
	worker.onerror = (event) => giveUp(event.message || "lab.js");
}

// giveUp fails all pending calls. The next call starts a new Worker.
function giveUp(why) {
	worker.terminate();
	worker = undefined;
	for (const { fail } of waiting.values()) fail(new Error(why));
	waiting.clear();
}

// compute calls a function of the command, and returns its result.
export async function compute(name, ...args) {
	await isAnswered;
	if (!worker) start();
	return new Promise((done, fail) => {
		const id = ++last;
		waiting.set(id, { done, fail });
		worker.postMessage({ id, name, args });
	});
}
