/** The secret that opens the state and the plans, by its name in every environment. */
export const STATE_PASSPHRASE = 'state.passphrase';
