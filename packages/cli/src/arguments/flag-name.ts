/** An option as commander names it among the flags: `poolMin` for `--pool-min`. */
export function flagName(option: string): string {
  return option.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
