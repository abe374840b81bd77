// The machine's clock. v86 asks performance.now what time it is, and scheduler.postTask to go on later; both are ours, so time can
// pass as it does, slowly, in jumps, or not at all.
const real = performance.now.bind(performance);

// Where waiting takes no time, computing takes a tenth of ours: the processor is slow, and a busy machine should not make timers
// late.
const rates = { real: 1, slow: 0.1, virtual: 0.1, step: 0.1 };
let pace = "real";
let stopped = true;
let base = 0; // the machine's time at the moment since, in milliseconds
let since = real();

export const now = () => base + (stopped ? 0 : (real() - since) * rates[pace]);

function settle() {
	base = now();
	since = real();
}

// What v86 wants to do next, and when by our time. It wants one thing at a time: the last that it has asked for.
let next;
let timer;
let isWorking = false;
let isCalled = false; // work will be, by the channel: sooner than a timer would
const channel = new MessageChannel();
channel.port1.onmessage = () => {
	isCalled = false;
	work();
};

const jumps = () => pace === "virtual" || pace === "step";

function schedule() {
	clearTimeout(timer);
	if (stopped || !next || isWorking) return;
	if (jumps() || next.delay < 1) {
		if (!isCalled) channel.port2.postMessage(null);
		isCalled = true;
	} else {
		timer = setTimeout(work, Math.max(0, next.due - real()));
	}
}

// work does what is next, for a while: then messages of the page have their turn.
function work() {
	const until = real() + 8;
	isWorking = true;
	try {
		while (!stopped && next && real() < until) {
			const { callback, delay, due } = next;
			if (jumps()) base += delay; // nothing happens in the machine until then
			else if (delay >= 1 && real() < due) break;
			next = undefined;
			callback();
		}
	} finally {
		isWorking = false;
	}
	schedule();
}

export function stop() {
	settle();
	stopped = true;
	clearTimeout(timer);
}

export function go(at = pace) {
	settle();
	pace = at;
	stopped = false;
	if (next) next.due = real() + next.delay / rates[pace];
	schedule();
}

performance.now = now;
Object.defineProperty(globalThis, "scheduler", {
	value: {
		postTask(callback, { delay }) {
			next = { callback, delay, due: real() + delay / rates[pace] };
			schedule();
		},
	},
});
