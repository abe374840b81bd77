// The machine's clock. v86 asks performance.now what time it is, and scheduler.postTask to go on later; both are ours, so time can
// pass as it does, slowly, in jumps, or not at all.
const real = performance.now.bind(performance);

// In real time and in slow motion it is a part of ours. Where it jumps, computing takes it as long as a quick processor would need:
// that is counted in instructions, so timers are not late because this processor is slow, or has other work.
const rates = { real: 1, slow: 0.1 };
const instructionsPerMillisecond = 1e6;

let pace = "real";
let stopped = true;
let base = 0; // the machine's time at the moment since, in milliseconds
let since = real();
let counted = 0; // instructions until then
let count = () => 0; // those that the machine has done, in 32 bits

const jumps = () => pace === "virtual" || pace === "step";

function passed() {
	if (stopped) return 0;
	return jumps() ? ((count() - counted) >>> 0) / instructionsPerMillisecond : (real() - since) * rates[pace];
}

export const now = () => base + passed();

function settle() {
	base = now();
	since = real();
	counted = count();
}

// countWith says how to count the machine's instructions.
export function countWith(counter) {
	count = counter;
	settle();
}

// What v86 wants to do next, and when by our time. It wants one thing at a time: the last that it has asked for.
let next;
let timer;
let isWorking = false;
let isCalled = false; // work will be, by the channel: sooner than a timer would
const dueAfter = (delay) => real() + delay / (rates[pace] ?? 1);
const channel = new MessageChannel();
channel.port1.onmessage = () => {
	isCalled = false;
	work();
};

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

// v86 asks to go on at once where the next of its timers is due in less than it can tell.
const leastJump = 0.001;

// work does what is next, for a while: then messages of the page have their turn.
function work() {
	const until = real() + 8;
	isWorking = true;
	try {
		while (!stopped && next && real() < until) {
			const { callback, delay, due } = next;
			if (jumps()) base += Math.max(delay, leastJump); // nothing happens in the machine until then
			else if (delay >= 1 && real() < due) break;
			next = undefined;
			callback();
			settle();
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
	if (next) next.due = dueAfter(next.delay);
	schedule();
}

performance.now = now;
Object.defineProperty(globalThis, "scheduler", {
	value: {
		postTask(callback, { delay }) {
			next = { callback, delay, due: dueAfter(delay) };
			schedule();
		},
	},
});
