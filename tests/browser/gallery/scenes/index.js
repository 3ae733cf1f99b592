/** All scenes, by name: each has a demo of its own. */

import * as answers from './answers.js';
import * as home from './home.js';
import * as queues from './queues.js';
import * as rooms from './rooms.js';
import * as triage from './triage.js';

export const SCENES = { ...rooms, ...queues, ...triage, ...answers, ...home };
