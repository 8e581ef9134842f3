/** A listener whose errors do not reach the emitter; Node.js reports them as warnings. */
export function safeListener<Event>(listener: ((event: Event) => void) | undefined): (event: Event) => void {
  if (listener === undefined) return () => {};
  return (event) => {
    try {
      listener(event);
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  };
}
