// What a person has predicted. It stays in this browser.
const key = "socketlabs predictions";

function all() {
	try {
		return JSON.parse(localStorage.getItem(key)) ?? {};
	} catch {
		return {}; // none are kept here, or what is kept is not ours
	}
}

function keep(kept) {
	try {
		localStorage.setItem(key, JSON.stringify(kept));
	} catch {
		// This browser keeps nothing: no guess counts.
	}
	showScore();
}

// predicted is what is kept of an experiment's question: { answer, isRight }; {} if the answer was seen without a guess;
// undefined if the question is open.
export const predicted = (name) => all()[name];

// predict keeps a guess. The first one counts.
export const predict = (name, answer, isRight) => keep({ [name]: { answer, isRight }, ...all() });

// see keeps that an answer was seen. A guess does not count after that.
export const see = (name) => keep({ [name]: {}, ...all() });

function showScore() {
	const kept = Object.values(all());
	const guesses = kept.filter((a) => a?.answer !== undefined);
	const score = document.getElementById("score");
	score.textContent =
		guesses.length === 0 ? "No prediction counts yet" : `${guesses.filter((a) => a.isRight === true).length} of ${guesses.length} predictions were right`;
	score.parentElement.hidden = kept.length === 0;
}

// setUpScore shows the score. It calls startedOver when it has forgotten all that is kept.
export function setUpScore(startedOver) {
	document.getElementById("start-over").addEventListener("click", () => {
		if (!confirm("Forget all predictions in this browser?")) return;
		keep({});
		startedOver();
	});
	showScore();
}
