// What a page computes in Go, in a Worker: see the command inpage.
let worker;
let last = 0;
const waiting = new Map();

function start() {
	worker = new Worker(new URL("lab.js", import.meta.url));
	worker.onmessage = ({ data: { id, result } }) => {
		waiting.get(id)(result);
		waiting.delete(id);
	};
}

// compute calls a function of the command, and gives what it gives.
export function compute(name, ...args) {
	if (!worker) start();
	return new Promise((done) => {
		const id = ++last;
		waiting.set(id, done);
		worker.postMessage({ id, name, args });
	});
}
