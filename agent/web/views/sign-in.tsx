import { useEffect, useRef } from 'preact/hooks';
import { keepToken, token } from '../api/token.ts';

/** Asks for the token of the control API. */
export function SignIn() {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current!.focus(), []);
  return (
    <main class="sign-in">
      <h1>virtsnmp</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          keepToken(input.current!.value.trim());
        }}
      >
        <p>
          {token.value === ''
            ? 'This console wants the token of its configuration (control.token).'
            : 'That token was refused; it is the one of the configuration (control.token).'}
        </p>
        <div class="field">
          <label for="token">Token</label>
          <input id="token" ref={input} type="password" autocomplete="off" required />
        </div>
        <button type="submit" class="button primary">
          Go on
        </button>
        <p class="muted">It is kept until this tab is closed.</p>
      </form>
    </main>
  );
}
