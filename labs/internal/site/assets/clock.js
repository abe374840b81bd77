// The machine's clock. v86 reads the time by performance.now, and waits by scheduler.postTask. We replace both, so the machine's time
// can pass at its real pace, slowly, in jumps, or not at all.
const real = performance.now.bind(performance);

// In real time and in slow motion, the machine's time is proportional to real time. When it jumps, computing takes as much of it as a
// fast processor would need. That is counted in instructions, so timers are not late because this processor is slow or busy.
const rates = { real: 1, slow: 0.1 };
const instructionsPerMillisecond = 1e6;

let pace = "real";
let stopped = true;
let base = 0; // the machine's time at the moment since, in milliseconds
let since = real();
let counted = 0; // the count of instructions at that moment
let count = () => 0; // how many instructions the machine has executed, in 32 bits

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

// What v86 wants to do next, and when in real time. It wants one thing at a time: the last one that it asked for.
let next;
let timer;
let isWorking = false;
let isCalled = false; // whether the channel will call work, which is sooner than a timer would
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

// v86 asks to continue at once if its next timer is due in less time than its clock can measure.
const leastJump = 0.001;

// work does what is next, for a while. Then it lets the page's messages through.
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
