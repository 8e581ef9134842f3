const key = "ragfood.questions";
const longest = 20;

/** Questions that were asked in this browser, newest first. They are kept here only, and never sent. */
export function recentQuestions(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(stored) ? stored.filter((each): each is string => typeof each === "string") : [];
  } catch {
    return [];
  }
}

export function rememberQuestion(question: string): void {
  const questions = [question, ...recentQuestions().filter((each) => each !== question)];
  try {
    localStorage.setItem(key, JSON.stringify(questions.slice(0, longest)));
  } catch {
    // A browser that keeps nothing, or has no room: the page works without.
  }
}

export function forgetQuestions(): void {
  localStorage.removeItem(key);
}
