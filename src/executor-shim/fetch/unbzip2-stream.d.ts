declare module 'unbzip2-stream' {
  /** Takes bzip2, gives what was packed. */
  const unbzip2: () => NodeJS.ReadWriteStream;
  export = unbzip2;
}
