/** As long as a test may take: one second, what there is by itself, is less than a busy machine stands still for. */
export const patience = { timeout: 60_000 };
