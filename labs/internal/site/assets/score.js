// What a person has predicted. It stays in this browser.
const key = "socketlabs predictions";

function all() {
	try {
		return JSON.parse(localStorage.getItem(key)) ?? {};
	} catch {
		return {}; // none are kept here, or what is kept is not ours
	}
}

// predicted is the answer to an experiment's question, or undefined: { answer, isRight }.
export const predicted = (name) => all()[name];

// predict keeps an answer. The first one counts.
export function predict(name, answer, isRight) {
	const kept = all();
	kept[name] ??= { answer, isRight };
	try {
		localStorage.setItem(key, JSON.stringify(kept));
	} catch {
		// It counts until the page is closed.
	}
	showScore();
}

export function showScore() {
	const score = document.getElementById("score");
	const answers = Object.values(all());
	score.hidden = answers.length === 0;
	score.textContent = `${answers.filter((a) => a?.isRight === true).length} of ${answers.length} predictions were right`;
}
