import { type CommandRequest, newPhoneSalt } from '@b2b-charge/contracts';

/** Returns the command with a salt for its phone number; copies of a command share one. */
export const withPhoneSalt = (command: CommandRequest): CommandRequest =>
  command.type === 'charge' && command.phone_salt === undefined
    ? { ...command, phone_salt: newPhoneSalt() }
    : command;
