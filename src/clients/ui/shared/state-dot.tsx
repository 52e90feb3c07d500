/** A word with a dot of its colour; the word alone says it as well. */
export function StateDot({word, tone}: {readonly word: string; readonly tone: 'good' | 'bad' | 'busy' | 'quiet'}) {
  return <span class={`state ${tone}`}>{word}</span>;
}

const TONES: Readonly<Record<string, 'good' | 'bad' | 'busy'>> = {
  TASK_RUNNING: 'good',
  TASK_FINISHED: 'good',
  TASK_STAGING: 'busy',
  TASK_STARTING: 'busy',
  TASK_KILLING: 'busy',
  TASK_UNREACHABLE: 'bad',
  TASK_FAILED: 'bad',
  TASK_LOST: 'bad',
  TASK_ERROR: 'bad',
  TASK_GONE: 'bad',
  TASK_DROPPED: 'bad',
};

/** A Mesos task state in plain words: `TASK_RUNNING` is "Running". */
export function TaskState({state}: {readonly state: string}) {
  const word = state
    .replace(/^TASK_/, '')
    .replaceAll('_', ' ')
    .toLowerCase();
  return <StateDot word={word.charAt(0).toUpperCase() + word.slice(1)} tone={TONES[state] ?? 'quiet'} />;
}
