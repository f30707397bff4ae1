/** How parts of the operator say that there is something to do elsewhere. Cheap; many calls become one. */
export type Wake = {
  readonly repository: (key: string) => void;
  readonly mirror: (key: string) => void;
  /** The mirrors to be probed, or what is known of their files, changed. */
  readonly probes: () => void;
  /** By UID of the Repository: its manifest may have to change. */
  readonly publication: (repositoryUid: string) => void;
  /** By UID of the Repository: its health record may have to change. */
  readonly health: (repositoryUid: string) => void;
};
