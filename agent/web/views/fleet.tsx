import { Guests } from './guests.tsx';
import { Hosts } from './hosts.tsx';

/** All hosts and all guests. */
export function FleetView() {
  return (
    <>
      <h1>Fleet</h1>
      <Hosts />
      <Guests />
    </>
  );
}
