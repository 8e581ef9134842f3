const key = "ragfood.questions";
const longest = 20;

/** Questions of this browser session, newest first. */
export function recentQuestions(): string[] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    return Array.isArray(stored) ? stored.filter((each): each is string => typeof each === "string") : [];
  } catch {
    return [];
  }
}

export function rememberQuestion(question: string): void {
  const questions = [question, ...recentQuestions().filter((each) => each !== question)];
  sessionStorage.setItem(key, JSON.stringify(questions.slice(0, longest)));
}
