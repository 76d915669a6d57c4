export interface Row {
  readonly value: number;
}

export const rows: readonly Row[] = [{ value: 1 }];
