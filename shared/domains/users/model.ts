import type { CurrencyCode } from '../../money.ts';

export interface ViewerModel {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly phone: string | null;
  readonly locale: string;
  readonly currency: CurrencyCode;
  readonly avatar: AvatarModel | null;
  readonly addresses: readonly AddressModel[];
  readonly loyalty: LoyaltyModel;
  readonly marketingOptIn: boolean;
  readonly memberSince: string;
}

export interface AvatarModel {
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

export interface AddressModel {
  readonly id: string;
  readonly label: string;
  readonly lines: readonly string[];
  readonly city: string;
  readonly postalCode: string;
  readonly country: string;
  readonly isDefault: boolean;
}

export interface LoyaltyModel {
  readonly tier: 'BRONZE' | 'SILVER' | 'GOLD';
  readonly points: number;
}

export interface ProfileChanges {
  readonly name?: string;
  readonly locale?: string;
  readonly currency?: CurrencyCode;
  readonly marketingOptIn?: boolean;
}

export type UpdateProfileFailureModel =
  | { readonly __typename: 'InvalidInput'; readonly message: string; readonly field: string | null }
  | { readonly __typename: 'OutcomeUnknown'; readonly message: string };
