export function checkNode(
  path?: string,
  platform?: string,
): Promise<{readonly verdict: 'right' | 'wrong' | 'unknown'; readonly message: string}>;
