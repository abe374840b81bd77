// A person's predictions. They stay in this browser.
const key = "socketlabs predictions";

function all() {
	try {
		return JSON.parse(localStorage.getItem(key)) ?? {};
	} catch {
		return {}; // this browser keeps none, or what it keeps is not ours
	}
}

function keep(kept) {
	try {
		localStorage.setItem(key, JSON.stringify(kept));
	} catch {
		// This browser keeps nothing, so no guess counts.
	}
	showScore();
}

// predicted is the kept prediction of an experiment: { answer, isRight }; {} if the answer was seen without a guess;
// undefined if the question is open.
export const predicted = (name) => all()[name];

// predict keeps a guess. The first one counts.
export const predict = (name, answer, isRight) => keep({ [name]: { answer, isRight }, ...all() });

// see remembers that an answer was seen. After that, a guess does not count.
export const see = (name) => keep({ [name]: {}, ...all() });

function showScore() {
	const kept = Object.values(all());
	const guesses = kept.filter((a) => a?.answer !== undefined);
	const score = document.getElementById("score");
	score.textContent =
		guesses.length === 0 ? "No prediction counts yet" : `${guesses.filter((a) => a.isRight === true).length} of ${guesses.length} predictions were right`;
	score.parentElement.hidden = kept.length === 0;
}

// setUpScore shows the score. It calls startedOver after it has forgotten all predictions.
export function setUpScore(startedOver) {
	document.getElementById("start-over").addEventListener("click", () => {
		if (!confirm("Forget all predictions in this browser?")) return;
		keep({});
		startedOver();
	});
	showScore();
}
