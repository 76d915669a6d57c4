/** The content type of JSON that is bytes already. */
export const jsonType = "application/json; charset=utf-8";
