/**
 * Why a mirror is not the one a client is sent to. The same word is the exclusion reason in an answer, the reason of a
 * condition, a metric label and a log field.
 */
export type ExclusionReason =
  | WithheldReason
  | 'Drained'
  | 'Down'
  | 'NotHTTPS'
  | 'NotHTTP'
  | 'Absent'
  | 'WrongSize'
  | 'Outdated'
  | 'TooLarge'
  | 'AuthorityOnly'
  | 'OtherContinent'
  | 'OtherCountry'
  | 'OtherNetwork'
  | 'CountryExcluded'
  | 'OtherAddressFamily'
  | 'OutsideBand'
  | 'NotDrawn';

/** Why the operator keeps clients from a mirror whose endpoints answer. */
export type WithheldReason = 'NotScanned' | 'AwaitingRescan' | 'ContentMissing' | 'ContentWrong' | 'TooSlow';
