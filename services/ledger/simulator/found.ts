interface Found {
  /** The first schedule that shows the defect. */
  readonly seed: number;
  /** Words of the oracle for the invariant that the defect breaks. */
  readonly breaks: RegExp;
}

/** How each planted defect was found. These seeds stay part of every run, without a defect too. */
export const FOUND: Readonly<Record<string, Found>> = {
  'the fence is gone': { seed: 2, breaks: /went back|dead epoch|serial|no silent loss/ },
  'the cursor is moved outside of the transaction': { seed: 1, breaks: /no silent loss|progress/ },
  'a rolled back log is not noticed': { seed: 5, breaks: /no silent loss/ },
  'a rolled back log is noticed by its length alone': { seed: 11, breaks: /no silent loss/ },
  'a rolled back lane is read again under its old stream epoch': { seed: 2, breaks: /serial|went back/ },
  'the old reader goes on when the log is back': { seed: 423, breaks: /no silent loss/ },
  'a repeat is compared by the salt of another copy': { seed: 1, breaks: /its own key is another/ },
  'an erased row takes no repeat': { seed: 1, breaks: /its own key is another/ },
  'replies go out before the commit': { seed: 7, breaks: /not in the books|had to refuse/ },
  'a commit without an answer is taken for a success': { seed: 1, breaks: /not in the books|no silent loss/ },
  'a batch that the database refuses is skipped': { seed: 2, breaks: /no silent loss|not in the books/ },
  'message ids are forgotten': { seed: 1, breaks: /exactly_once/ },
  'dead letters are forgotten when the log is read again': {
    seed: 51,
    breaks: /dead-letter, and was executed/,
  },
  'deadlines are held against the time at which the process connected': {
    seed: 11,
    breaks: /never executed, and was executed|decided wrongly/,
  },
  'vendors are remembered though their lane has changed hands': { seed: 6, breaks: /chain_links/ },
  'a lane is taken before its lease has run out, without a new epoch, and the fence looks at that alone': {
    seed: 1,
    breaks: /went back|had to refuse|sharing/,
  },
  'a deposed owner goes on': {
    seed: 2,
    breaks: /not in the books|dead-letter, and was executed|taken, and nobody has it/,
  },
  'idle lanes are moved over what was not read': { seed: 1, breaks: /no silent loss|went back/ },
  'events are taken for published when they are read': { seed: 8, breaks: /never published/ },
  'the fence looks at the epoch and the owner alone': {
    seed: 161,
    breaks: /no silent loss|had to refuse|not in the books|announced/,
  },
  'a database that went back is not noticed': { seed: 19, breaks: /announced|not in the books/ },
  'of what was announced only the newest page is read': { seed: 271, breaks: /announced/ },
  'what the database lost is written down on no lane': { seed: 33, breaks: /announced|not in the books/ },
  'what the database lost counts as never executed': {
    seed: 757,
    breaks: /never executed, and was executed/,
  },
};
