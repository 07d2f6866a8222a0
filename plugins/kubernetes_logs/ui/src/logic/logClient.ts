import type { FromWorker, ToWorker } from "../protocol.ts";

export type Answer = Extract<FromWorker, { token: number }>;

type Listener = (message: FromWorker) => void;

type WithoutToken<Message> = Message extends { token: number } ? Omit<Message, "token"> : never;

/** The page's end of the worker that keeps the lines. */
export class LogClient {
  private readonly worker = new Worker(new URL("../worker/main.ts", import.meta.url), { type: "module", name: "logs" });
  private readonly listeners = new Set<Listener>();
  private readonly answers = new Map<number, (answer: Answer) => void>();
  private nextToken = 1;

  constructor() {
    this.worker.addEventListener("message", (event: MessageEvent<FromWorker>) => this.receive(event.data));
  }

  send(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  /** Ask what has one answer. */
  ask<Type extends Answer["type"]>(message: WithoutToken<ToWorker>, type: Type): Promise<Extract<Answer, { type: Type }>> {
    const token = this.nextToken++;
    return new Promise((resolve) => {
      this.answers.set(token, (answer) => {
        if (answer.type === type) resolve(answer as Extract<Answer, { type: Type }>);
      });
      this.send({ ...message, token } as ToWorker);
    });
  }

  /** Hear everything; returns a function that stops. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    this.worker.terminate();
  }

  private receive(message: FromWorker): void {
    if ("token" in message) {
      this.answers.get(message.token)?.(message);
      this.answers.delete(message.token);
    } else for (const listener of this.listeners) listener(message);
  }
}
